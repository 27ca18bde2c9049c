//! What an update may set, by the type of its operation.

use aws_sdk_lambda::error::BuildError;
use aws_sdk_lambda::types;
use durable_types::{CallbackOptions, ChainedInvokeOptions, ContextOptions, StepOptions, WaitOptions};

pub(super) fn context(options: ContextOptions) -> types::ContextOptions {
    types::ContextOptions::builder().set_replay_children(options.replay_children).build()
}

pub(super) fn step(options: StepOptions) -> types::StepOptions {
    types::StepOptions::builder()
        .set_next_attempt_delay_seconds(options.next_attempt_delay_seconds.map(saturating))
        .build()
}

pub(super) fn wait(options: WaitOptions) -> types::WaitOptions {
    types::WaitOptions::builder().set_wait_seconds(options.wait_seconds.map(saturating)).build()
}

pub(super) fn callback(options: CallbackOptions) -> types::CallbackOptions {
    types::CallbackOptions::builder()
        .set_timeout_seconds(options.timeout_seconds.map(saturating))
        .set_heartbeat_timeout_seconds(options.heartbeat_timeout_seconds.map(saturating))
        .build()
}

pub(super) fn chained_invoke(
    options: ChainedInvokeOptions,
) -> Result<types::ChainedInvokeOptions, BuildError> {
    types::ChainedInvokeOptions::builder()
        .function_name(options.function_name)
        .set_tenant_id(options.tenant_id)
        .set_x_amzn_trace_id(options.x_amzn_trace_id)
        .build()
}

/// The number as the AWS SDK counts. One beyond its range is beyond the service's limits, too, and stays so.
pub(super) fn saturating(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
