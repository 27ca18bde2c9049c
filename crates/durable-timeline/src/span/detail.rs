//! What distinguishes operations of one kind from those of another.

use std::time::Duration;

use durable_types::{SmallString, Timestamp};

/// What is known about an operation because of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A wait.
    Wait {
        /// The time at which it ends, if it is known.
        until: Option<Timestamp>,
    },
    /// A callback.
    Callback {
        /// The id with which it is answered, if it is known.
        callback_id: Option<Box<str>>,
        /// The time at which it times out, if it does.
        deadline: Option<Timestamp>,
        /// The maximum time between heartbeats, if it has one. The history contains no heartbeats.
        heartbeat_timeout: Option<Duration>,
    },
    /// An invocation of another function.
    Invoke {
        /// The name or ARN of the function, if it is known.
        function: Option<Box<str>>,
        /// The ARN of the execution of the function, if the function is durable and it is known.
        execution_arn: Option<Box<str>>,
    },
    /// The recorded value of a marker, if it is known: the index of the future that decided a race or a join, or a time
    /// in milliseconds.
    Marker {
        /// The value.
        value: Option<SmallString>,
    },
}
