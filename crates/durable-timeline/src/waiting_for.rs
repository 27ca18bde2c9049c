//! What an operation is waiting for.

use durable_types::Timestamp;

/// What an open operation is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitingFor<'a> {
    /// The end of a wait.
    Timer {
        /// The end time, if it is known.
        until: Option<Timestamp>,
    },
    /// The next attempt of a step, or the next poll of a condition.
    Retry {
        /// The number of the attempt.
        attempt: u32,
        /// The time at which it is due, if it is known.
        until: Option<Timestamp>,
    },
    /// The answer to a callback.
    Callback {
        /// The id with which it is answered, if it is known.
        callback_id: Option<&'a str>,
        /// The time at which it times out, if it does.
        deadline: Option<Timestamp>,
    },
    /// The result of an invoked function.
    Invoke {
        /// The name or ARN of the function, if it is known.
        function: Option<&'a str>,
        /// The ARN of its execution, if it is durable and the ARN is known.
        execution_arn: Option<&'a str>,
    },
    /// Operations inside it.
    Children,
    /// Its code, which runs, or runs as soon as the function is invoked again.
    RunningCode,
}
