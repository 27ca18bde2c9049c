//! Which action is legal where.

use durable_types::{OperationAction, OperationStatus, OperationType, actions_of, is_legal, legal_actions};

/// Each line: a type, the statuses (`-` is none) and the actions that are legal in them. All else is illegal.
const LEGAL: &str = "
EXECUTION       STARTED   SUCCEED FAIL
CONTEXT         -         START SUCCEED FAIL
CONTEXT         STARTED   SUCCEED FAIL
STEP            -         START SUCCEED FAIL RETRY
STEP            STARTED   SUCCEED FAIL RETRY
STEP            READY     START SUCCEED FAIL RETRY
WAIT            -         START
WAIT            STARTED   CANCEL
CALLBACK        -         START
CHAINED_INVOKE  -         START
CHAINED_INVOKE  STARTED   CANCEL
";

fn is_in_table(operation_type: &str, status: &str, action: &str) -> bool {
    LEGAL.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).any(|line| {
        matches!(
            line.as_slice(),
            [a_type, a_status, actions @ ..]
                if *a_type == operation_type && *a_status == status && actions.contains(&action)
        )
    })
}

#[test]
fn the_table_says_what_is_legal() {
    let statuses = OperationStatus::KNOWN.iter().map(Some).chain([None]);
    for status in statuses {
        for operation_type in OperationType::KNOWN {
            for action in OperationAction::KNOWN {
                let status_word = status.map_or("-", OperationStatus::as_str);
                let expected = is_in_table(operation_type.as_str(), status_word, action.as_str());

                assert_eq!(
                    is_legal(operation_type, status, action),
                    expected,
                    "{operation_type} {status_word} {action}"
                );
            }
        }
    }
}

#[test]
fn an_operation_that_has_ended_takes_no_action() {
    for operation_type in OperationType::KNOWN {
        for status in OperationStatus::KNOWN.iter().filter(|status| status.is_terminal()) {
            assert!(legal_actions(operation_type, Some(status)).is_empty(), "{operation_type} {status}");
        }
    }
}

#[test]
fn a_type_has_every_action_that_is_legal_somewhere() {
    for operation_type in OperationType::KNOWN {
        let statuses = OperationStatus::KNOWN.iter().map(Some).chain([None]);
        let mut somewhere: Vec<_> =
            statuses.flat_map(|status| legal_actions(operation_type, status)).cloned().collect();
        somewhere.sort();
        somewhere.dedup();

        assert_eq!(actions_of(operation_type), somewhere, "{operation_type}");
    }
}

#[test]
fn words_that_are_not_known_are_never_legal() {
    let unknown_type = OperationType::from("TIMER");
    let unknown_status = OperationStatus::from("PARKED");
    let unknown_action = OperationAction::from("POSTPONE");

    for action in OperationAction::KNOWN {
        assert!(!is_legal(&unknown_type, None, action));
        assert!(!is_legal(&unknown_type, Some(&OperationStatus::Started), action));
        assert!(!is_legal(&OperationType::Step, Some(&unknown_status), action));
    }
    assert!(!is_legal(&OperationType::Step, None, &unknown_action));
}
