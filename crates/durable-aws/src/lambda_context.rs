//! What the runtime says about an invocation, as handlers read it.

use durable_core::lambda::{ClientContext, LambdaContext};
use durable_types::Timestamp;
use lambda_runtime::Context;

/// The context of an invocation.
pub(crate) fn lambda_context(context: Context) -> LambdaContext {
    let present = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let deadline = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let mut converted = LambdaContext::new(context.request_id, Timestamp::from_millis(deadline));
    converted.invoked_function_arn = Some(context.invoked_function_arn);
    converted.function_name = present(&context.env_config.function_name);
    converted.function_version = present(&context.env_config.version);
    converted.trace_header = context.xray_trace_id;
    converted.tenant_id = context.tenant_id;
    converted.client_context = context.client_context.map(|context| {
        let mut converted = ClientContext::default();
        converted.client.installation_id = context.client.installation_id;
        converted.client.app_title = context.client.app_title;
        converted.client.app_version_name = context.client.app_version_name;
        converted.client.app_version_code = context.client.app_version_code;
        converted.client.app_package_name = context.client.app_package_name;
        converted.custom = context.custom.into_iter().collect();
        converted.environment = context.environment.into_iter().collect();
        converted
    });
    converted
}
