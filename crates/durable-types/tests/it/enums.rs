//! Words of the service, known and unknown.

use durable_types::api::{InvocationType, ServiceErrorKind};
use durable_types::history::EventType;
use durable_types::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_unknown_word_is_kept_as_it_was_read(word in "[A-Z_]{20,30}") {
        let json = format!("\"{word}\"");

        let status: OperationStatus = serde_json::from_str(&json).unwrap();

        prop_assert_eq!(&status, &OperationStatus::Unknown(word.as_str().into()));
        prop_assert_eq!(serde_json::to_string(&status).unwrap(), json);
        prop_assert_eq!(status.to_string(), word);
    }
}

#[test]
fn every_known_word_is_read_as_itself() {
    fn check<T>(known: &[T])
    where
        T: PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
    {
        for value in known {
            let json = serde_json::to_string(value).unwrap();
            assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
        }
    }

    check(OperationType::KNOWN);
    check(OperationStatus::KNOWN);
    check(OperationAction::KNOWN);
    check(ExecutionStatus::KNOWN);
    check(EventType::KNOWN);
    check(InvocationType::KNOWN);
    check(ServiceErrorKind::KNOWN);
}

#[test]
fn the_words_are_those_of_the_service() {
    fn words<T: std::fmt::Display>(known: &[T]) -> String {
        known.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    assert_eq!(words(OperationType::KNOWN), "EXECUTION CONTEXT STEP WAIT CALLBACK CHAINED_INVOKE");
    assert_eq!(
        words(OperationStatus::KNOWN),
        "STARTED PENDING READY SUCCEEDED FAILED CANCELLED TIMED_OUT STOPPED"
    );
    assert_eq!(words(OperationAction::KNOWN), "START SUCCEED FAIL RETRY CANCEL");
    assert_eq!(
        words(ExecutionStatus::KNOWN),
        "RUNNING SUCCEEDED FAILED TIMED_OUT STOPPED DELETING PAUSING PAUSED"
    );
    assert_eq!(words(InvocationType::KNOWN), "Event RequestResponse DryRun");
    assert_eq!(EventType::KNOWN.len(), 26);
}

#[test]
fn an_unknown_status_is_neither_ended_nor_runnable() {
    let status = OperationStatus::from("PARKED");

    assert!(!status.is_terminal());
    assert!(legal_actions(&OperationType::Step, Some(&status)).is_empty());
    assert!(!ExecutionStatus::from("HIBERNATING").is_terminal());
}

#[test]
fn a_word_that_is_no_text_is_refused() {
    let error = serde_json::from_str::<OperationType>("7").unwrap_err();

    assert!(error.to_string().contains("a value of OperationType"), "{error}");
}
