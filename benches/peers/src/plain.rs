//! A function that is not durable: what the Lambda runtime takes by itself.

use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::IgnoredAny;

/// Serves the invocations of this process with a constant.
pub fn serve() {
    let answer = async |_: LambdaEvent<IgnoredAny>| Ok::<_, lambda_runtime::Error>(0_u64);
    crate::sdk::runtime().block_on(lambda_runtime::run(service_fn(answer))).expect("invocations arrive");
}
