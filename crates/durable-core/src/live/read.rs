//! Results that are read, and what happens if they cannot be.

use durable_engine::Fatal;
use durable_types::ErrorObject;
use futures_util::future::FutureExt as _;

use crate::name::OperationName;
use crate::serdes::{DeserializeValue, SerdesContext, TextOrigin, deserialize};

/// The result of an operation. A record that cannot be read ends the execution, and this never returns.
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

/// The same at once; none if the serdes has to wait for something, or the execution ends.
pub(crate) fn read_now<T>(
    serdes: &impl DeserializeValue<T>,
    text: Option<&str>,
    name: &OperationName<'_>,
    context: SerdesContext<'_>,
) -> Option<Result<T, ErrorObject>> {
    read(serdes, text, name, context).now_or_never()
}

/// Fails the execution if it is a record of our own that cannot be read.
///
/// It was read when it was written. So the code took another way then than it would take with this error, and could
/// only diverge from what is recorded. What other systems wrote is unreadable from the first time on, and is an error of
/// the operation.
fn fail_unreadable(name: &OperationName<'_>, context: SerdesContext<'_>, error: &ErrorObject) -> bool {
    match context.origin() {
        TextOrigin::External => false,
        TextOrigin::Record => {
            let name = name.as_deref().unwrap_or_default();
            let problem = error.error_message.as_deref().unwrap_or_default();
            let text = format!(
                "operation `{name}`: {problem}; executions that have begun need code that can read what they recorded"
            );
            context.shared().with(|engine| engine.fail(Fatal::Unreadable(text)));
            true
        }
    }
}
