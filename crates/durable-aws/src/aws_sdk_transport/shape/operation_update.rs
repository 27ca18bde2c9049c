//! What is to be recorded of an operation.

use aws_sdk_lambda::error::BuildError;
use aws_sdk_lambda::types;
use durable_types::OperationUpdate;

use super::{error_object, options};

pub(super) fn to_aws(update: OperationUpdate) -> Result<types::OperationUpdate, BuildError> {
    let invoke_options = update.chained_invoke_options.map(options::chained_invoke).transpose()?;
    types::OperationUpdate::builder()
        .id(update.operation_id)
        .set_parent_id(update.parent_id.map(Into::into))
        .set_name(update.name.map(Into::into))
        .r#type(update.operation_type.as_str().into())
        .set_sub_type(update.sub_type.map(Into::into))
        .action(update.action.as_str().into())
        .set_payload(update.result)
        .set_error(update.error.map(error_object::to_aws))
        .set_context_options(update.context_options.map(options::context))
        .set_step_options(update.step_options.map(options::step))
        .set_wait_options(update.wait_options.map(options::wait))
        .set_callback_options(update.callback_options.map(options::callback))
        .set_chained_invoke_options(invoke_options)
        .build()
}
