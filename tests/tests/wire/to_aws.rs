//! Our requests as AWS's client takes them.

use aws_sdk_lambda::types as aws;
use durable_types::{ErrorObject, OperationUpdate};

pub(crate) fn update(update: &OperationUpdate) -> aws::OperationUpdate {
    aws::OperationUpdate::builder()
        .id(update.operation_id.as_str())
        .set_parent_id(update.parent_id.clone().map(Into::into))
        .set_name(update.name.clone().map(Into::into))
        .r#type(update.operation_type.as_str().into())
        .set_sub_type(update.sub_type.clone().map(Into::into))
        .action(update.action.as_str().into())
        .set_payload(update.result.clone())
        .set_error(update.error.as_ref().map(error))
        .set_context_options(update.context_options.as_ref().map(|options| {
            aws::ContextOptions::builder().set_replay_children(options.replay_children).build()
        }))
        .set_step_options(update.step_options.as_ref().map(|options| {
            aws::StepOptions::builder()
                .set_next_attempt_delay_seconds(number(options.next_attempt_delay_seconds))
                .build()
        }))
        .set_wait_options(update.wait_options.as_ref().map(|options| {
            aws::WaitOptions::builder().set_wait_seconds(number(options.wait_seconds)).build()
        }))
        .set_callback_options(update.callback_options.as_ref().map(|options| {
            aws::CallbackOptions::builder()
                .set_timeout_seconds(number(options.timeout_seconds))
                .set_heartbeat_timeout_seconds(number(options.heartbeat_timeout_seconds))
                .build()
        }))
        .set_chained_invoke_options(update.chained_invoke_options.as_ref().map(|options| {
            aws::ChainedInvokeOptions::builder()
                .function_name(&options.function_name)
                .set_tenant_id(options.tenant_id.clone())
                .set_x_amzn_trace_id(options.x_amzn_trace_id.clone())
                .build()
                .unwrap()
        }))
        .build()
        .unwrap()
}

pub(crate) fn error(error: &ErrorObject) -> aws::ErrorObject {
    aws::ErrorObject::builder()
        .set_error_message(error.error_message.clone())
        .set_error_type(error.error_type.clone())
        .set_error_data(error.error_data.clone())
        .set_stack_trace(error.stack_trace.clone())
        .build()
}

fn number(number: Option<u64>) -> Option<i32> {
    number.map(|number| i32::try_from(number).unwrap())
}
