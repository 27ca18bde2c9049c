//! The resource to which spans and metrics belong.

use opentelemetry_sdk::Resource;

const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

/// Returns the resource of this process: with this name of the service, or else that of the environment.
pub(crate) fn resource(service_name: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Resource {
    let set = |name| variable(name).filter(|value| !value.trim().is_empty());
    let name = service_name.or_else(|| set(SERVICE_NAME)).or_else(|| set(FUNCTION_NAME));
    match name {
        Some(name) => Resource::builder().with_service_name(name).build(),
        None => Resource::builder().build(),
    }
}
