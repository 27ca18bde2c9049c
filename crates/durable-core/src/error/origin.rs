//! Which type of error the data of an operation's error belongs to.

use durable_types::ErrorObject;

/// Errors of operations, each with the word that its text begins with.
const OPERATION_ERRORS: [(&str, &str); 9] = [
    ("StepError", "step"),
    ("WaitError", "wait"),
    ("ChildContextError", "child context"),
    ("CallbackError", "callback"),
    ("InvokeError", "call"),
    ("ConditionError", "condition"),
    ("BatchError", "batch"),
    ("RetryError", "block"),
    ("SagaError", "saga"),
];

/// The name of the type that the data of a recorded error is of.
///
/// An operation that failed because of one inside of it has the data of that one, which its message tells the type of:
/// ``step `charge` failed: Declined: no money``.
pub(super) fn type_of_data(error: &ErrorObject) -> Option<&str> {
    let mut error_type = error.error_type.as_deref()?;
    let mut message = error.error_message.as_deref().unwrap_or_default();
    while let Some((_, kind)) = OPERATION_ERRORS.iter().find(|(name, _)| *name == error_type) {
        let Some(cause) = cause(message, kind) else { break };
        (error_type, message) = cause.split_once(": ").unwrap_or((cause, ""));
    }
    Some(error_type)
}

/// What the text of an operation's error says after its name and how it ended.
fn cause<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(kind)?;
    match rest.strip_prefix(" `") {
        // A name may have backticks in it.
        Some(named) => named.match_indices("` ").find_map(|(at, _)| after_ending(named.get(at + 1..)?)),
        None => after_ending(rest),
    }
}

fn after_ending(text: &str) -> Option<&str> {
    let ended = || text.strip_prefix(" ended as ")?.split_once(": ").map(|(_, cause)| cause);
    text.strip_prefix(" failed: ").or_else(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(error_type: &str, message: &str) -> Option<String> {
        type_of_data(&ErrorObject::new(error_type, message)).map(str::to_owned)
    }

    #[test]
    fn the_data_of_an_error_of_a_user_is_of_its_own_type() {
        assert_eq!(type_of("Declined", "step `a` failed: Other: b").as_deref(), Some("Declined"));
    }

    #[test]
    fn the_data_of_an_operation_is_of_the_type_that_its_innermost_cause_has() {
        let cases = [
            ("StepError", "step `charge` failed: Declined: no money"),
            ("StepError", "step failed: Declined"),
            ("InvokeError", "call `pay` ended as TIMED_OUT: Declined: no money"),
            (
                "SagaError",
                "saga `a` failed: ChildContextError: child context `b` failed: Declined: step failed",
            ),
            ("StepError", "step `a ` b` failed: Declined: no money"),
        ];

        for (error_type, message) in cases {
            assert_eq!(type_of(error_type, message).as_deref(), Some("Declined"), "{message}");
        }
    }

    #[test]
    fn the_type_of_an_operation_whose_text_is_of_another_system_stays() {
        assert_eq!(type_of("CallbackError", "Declined: no money").as_deref(), Some("CallbackError"));
        assert_eq!(type_of("StepError", "").as_deref(), Some("StepError"));
    }
}
