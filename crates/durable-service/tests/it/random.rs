//! Generators of random inputs from a function and its environment.

use durable_service::{CallbackAnswer, ChainedInvokeEnd, Execution};
use durable_types::{ErrorObject, OperationAction, OperationType, OperationUpdate, legal_actions};
use proptest::collection::vec;
use proptest::prelude::*;

/// An input to the execution or its environment.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A checkpoint of legal updates.
    Checkpoint { choices: Vec<Choice>, client_token: Option<String> },
    /// A checkpoint of arbitrary updates, most of them illegal, possibly with an invalid token.
    Arbitrary { updates: Vec<OperationUpdate>, token: Token, client_token: Option<String> },
    /// A retry of the last request.
    Repeat,
    /// The function responds.
    Answer(&'static str),
    /// The function fails.
    Fail(&'static str),
    /// The function is repaired.
    Repair,
    /// The service restarts: the execution is rebuilt and the invocation is lost.
    Restart,
    /// The clock advances, and timers may fire.
    Advance { seconds: u64, fires_timer: bool },
    /// The clock advances to the next timer.
    AdvanceUntilDue,
    /// A callback is answered, if it exists.
    Callback { id: &'static str, answer: CallbackAnswer },
    /// The call ends, if there is one.
    CallEnded(ChainedInvokeEnd),
    /// A pause is requested.
    Pause { client_token: Option<String>, suspends_timeout: Option<bool> },
    /// The execution is resumed.
    Resume { client_token: Option<String> },
    /// The execution is stopped.
    Stop,
    /// The execution is deleted.
    Delete,
}

/// The token of a checkpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Right,
    Spent,
    Wrong,
}

/// Selects one legal update by indexes: the operation, and one of its legal actions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    which: usize,
    action: usize,
    number: u64,
    flag: Option<bool>,
}

/// The operations of the function: id, type and parent.
const OPERATIONS: [(&str, OperationType, Option<&str>); 11] = [
    ("a", OperationType::Step, None),
    ("b", OperationType::Step, None),
    ("w", OperationType::Wait, None),
    ("p", OperationType::Context, None),
    ("q", OperationType::Context, Some("p")),
    ("c", OperationType::Step, Some("p")),
    ("d", OperationType::Step, Some("q")),
    ("v", OperationType::Wait, Some("q")),
    ("k", OperationType::Callback, None),
    ("l", OperationType::Callback, Some("p")),
    ("i", OperationType::ChainedInvoke, Some("p")),
];

pub(crate) fn inputs() -> impl Strategy<Value = Vec<Input>> {
    vec(input(), 1..40)
}

/// Converts choices into legal updates of the current operations. Choices without a legal action are skipped.
pub(crate) fn legal_updates(execution: &Execution, choices: &[Choice]) -> Vec<OperationUpdate> {
    let mut updates: Vec<OperationUpdate> = Vec::new();
    for choice in choices {
        let (id, operation_type, parent) = OPERATIONS[choice.which % OPERATIONS.len()].clone();
        let is_known = |id: &str| {
            execution.operation(id).is_some()
                || updates
                    .iter()
                    .any(|update| update.operation_id == id && update.action == OperationAction::Start)
        };
        let is_touched = updates.iter().any(|update| update.operation_id == id);
        let status = execution.operation(id).map(|operation| &operation.status);
        let actions = legal_actions(&operation_type, status);
        if is_touched || actions.is_empty() || parent.is_some_and(|parent| !is_known(parent)) {
            continue;
        }
        let action = &actions[choice.action % actions.len()];
        let mut update = updated(id, operation_type, action, choice.number.max(1));
        update.parent_id = parent.map(Into::into);
        if update.operation_type == OperationType::Context {
            update = update.with_context_options(choice.flag);
        }
        let closes_too = *action == OperationAction::Start && choice.flag == Some(true);
        let operation_type = update.operation_type.clone();
        updates.push(update);
        let can_be_closed = matches!(operation_type, OperationType::Step | OperationType::Context);
        if closes_too && can_be_closed {
            updates.push(updated(id, operation_type, &OperationAction::Succeed, choice.number));
        }
    }
    updates
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        12 => (vec(choice(), 0..5), client_token())
            .prop_map(|(choices, client_token)| Input::Checkpoint { choices, client_token }),
        2 => (vec(arbitrary_update(), 0..3), token(), client_token()).prop_map(
            |(updates, token, client_token)| Input::Arbitrary { updates, token, client_token },
        ),
        1 => Just(Input::Repeat),
        4 => Just(Input::Answer(r#"{"Status":"PENDING"}"#)),
        2 => prop::sample::select(vec!["Runtime.ExitError", "Sandbox.Timedout", "E"]).prop_map(Input::Fail),
        1 => Just(Input::Repair),
        1 => Just(Input::Restart),
        3 => (0_u64..40, any::<bool>()).prop_map(|(seconds, fires_timer)| Input::Advance { seconds, fires_timer }),
        3 => Just(Input::AdvanceUntilDue),
        6 => (prop::sample::select(vec!["k", "l"]), callback_answer())
            .prop_map(|(id, answer)| Input::Callback { id, answer }),
        3 => call_end().prop_map(Input::CallEnded),
        2 => (client_token(), prop::option::of(any::<bool>()))
            .prop_map(|(client_token, suspends_timeout)| Input::Pause { client_token, suspends_timeout }),
        3 => client_token().prop_map(|client_token| Input::Resume { client_token }),
        1 => Just(Input::Delete),
    ]
}

/// Generates the last input, which may end the execution.
pub(crate) fn last_input() -> impl Strategy<Value = Input> {
    let end = prop::sample::select(vec![OperationAction::Succeed, OperationAction::Fail]);
    prop_oneof![
        prop::sample::select(vec![
            r#"{"Status":"SUCCEEDED","Result":"1"}"#,
            r#"{"Status":"FAILED"}"#,
            r#"{"Status":"FAILED","Result":"1"}"#,
            "nonsense",
        ])
        .prop_map(Input::Answer),
        (end, client_token()).prop_map(|(action, client_token)| {
            let updates = vec![updated("end", OperationType::Execution, &action, 7)];
            Input::Arbitrary { updates, token: Token::Right, client_token }
        }),
        Just(Input::Advance { seconds: 1_000_000, fires_timer: true }),
        Just(Input::Restart),
        Just(Input::Stop),
    ]
}

fn callback_answer() -> impl Strategy<Value = CallbackAnswer> {
    prop_oneof![
        6 => Just(CallbackAnswer::Heartbeat),
        1 => Just(CallbackAnswer::Succeeded(Some("1".to_owned()))),
        1 => Just(CallbackAnswer::Failed(None)),
    ]
}

fn call_end() -> impl Strategy<Value = ChainedInvokeEnd> {
    prop::sample::select(vec![
        ChainedInvokeEnd::Succeeded(Some("1".to_owned())),
        ChainedInvokeEnd::Failed(ErrorObject::new("E", "broke")),
        ChainedInvokeEnd::timed_out(1),
        ChainedInvokeEnd::Stopped(ErrorObject::default()),
    ])
}

fn choice() -> impl Strategy<Value = Choice> {
    (any::<usize>(), any::<usize>(), 0_u64..20, prop::option::of(any::<bool>()))
        .prop_map(|(which, action, number, flag)| Choice { which, action, number, flag })
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![4 => Just(Token::Right), 1 => Just(Token::Spent), 1 => Just(Token::Wrong)]
}

fn client_token() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        4 => Just(None),
        4 => prop::sample::select(vec!["one", "two"]).prop_map(|token| Some(token.to_owned())),
        1 => Just(Some("not allowed".to_owned())),
    ]
}

/// Generates an arbitrary update.
fn arbitrary_update() -> impl Strategy<Value = OperationUpdate> {
    let types = prop::sample::select(OperationType::KNOWN);
    let actions = prop::sample::select(OperationAction::KNOWN);
    let parent = prop::option::of(prop::sample::select(vec!["p", "q", "a", "nowhere"]));
    (0..OPERATIONS.len(), types, actions, 0_u64..20, parent, any::<u8>()).prop_map(
        |(which, operation_type, action, number, parent, oddity)| {
            let mut update = updated(OPERATIONS[which].0, operation_type, &action, number);
            update.parent_id = parent.map(Into::into);
            match oddity % 8 {
                0 => update.name = Some("named".into()),
                1 => update.result = Some("odd".to_owned()),
                2 => update.step_options = None,
                3 => update.operation_id = "not allowed".into(),
                _ => {}
            }
            update
        },
    )
}

fn updated(
    id: &str,
    operation_type: OperationType,
    action: &OperationAction,
    number: u64,
) -> OperationUpdate {
    let waits = operation_type == OperationType::Wait;
    match action {
        OperationAction::Start if waits => {
            OperationUpdate::start(id, operation_type).with_wait_options(number)
        }
        OperationAction::Start if operation_type == OperationType::Callback => {
            OperationUpdate::start_callback(id, Some(number), Some(number / 2))
        }
        OperationAction::Start if operation_type == OperationType::ChainedInvoke => {
            let function = ["ship:1", "tax", "nobody", "ship"][usize::try_from(number % 4).unwrap()];
            OperationUpdate::start_invoke(id, function, Some(number.to_string()))
        }
        OperationAction::Succeed => OperationUpdate::succeed(id, operation_type, Some(number.to_string())),
        OperationAction::Fail => OperationUpdate::fail(id, operation_type, ErrorObject::new("E", "broke")),
        OperationAction::Retry if number.is_multiple_of(2) => {
            OperationUpdate::retry(id, operation_type, Some(number.to_string()), Some(number))
        }
        OperationAction::Retry => {
            let error = ErrorObject::new("E", "broke");
            OperationUpdate::retry_with_error(id, operation_type, error, Some(number))
        }
        OperationAction::Cancel => OperationUpdate::cancel(id, operation_type),
        OperationAction::Start | OperationAction::Unknown(_) => OperationUpdate::start(id, operation_type),
    }
}
