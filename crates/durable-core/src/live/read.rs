//! Reading recorded results, and failing if they cannot be read.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use durable_engine::Fatal;
use durable_types::ErrorObject;

use crate::name::OperationName;
use crate::serdes::{DeserializeValue, SerdesContext, TextOrigin, deserialize};

/// Reads the result of an operation. If its own record cannot be read, fails the execution and never resolves.
pub(crate) async fn read<T>(
    serdes: &impl DeserializeValue<T>,
    text: Option<&str>,
    name: &OperationName<'_>,
    context: SerdesContext<'_>,
) -> Result<T, ErrorObject> {
    let read = deserialize(serdes, text, context).await;
    if let Err(error) = &read
        && fail_unreadable(name, context, error)
    {
        return std::future::pending().await;
    }
    read
}

/// Reads the result synchronously. Returns `None` if the serdes is pending or the execution fails.
pub(crate) fn read_now<T>(
    serdes: &impl DeserializeValue<T>,
    text: Option<&str>,
    name: &OperationName<'_>,
    context: SerdesContext<'_>,
) -> Option<Result<T, ErrorObject>> {
    // Not `now_or_never`, which moves the future.
    match pin!(read(serdes, text, name, context)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => Some(read),
        Poll::Pending => None,
    }
}

/// Fails the execution if the unreadable text is a record of the SDK itself.
///
/// The record was readable when it was written. With an error the code would take another path than it took then, and
/// could only diverge from the journal. A text of another system was unreadable from the start and is an error of the
/// operation.
fn fail_unreadable(name: &OperationName<'_>, context: SerdesContext<'_>, error: &ErrorObject) -> bool {
    match context.origin() {
        TextOrigin::External => false,
        TextOrigin::Record => {
            let name = name.as_deref().unwrap_or_default();
            let problem = error.error_message.as_deref().unwrap_or_default();
            let text = format!(
                "operation `{name}`: {problem}; executions that have begun need code that can read what they recorded"
            );
            context.host().fail(Fatal::Unreadable(text));
            true
        }
    }
}
