//! GetFunction, GetFunctionConfiguration and ListFunctions: which functions are served, as far as it is known here.

use axum::response::Response;
use durable_host::account::function_not_found;
use durable_service::FunctionKind;
use durable_types::DurableConfig;
use serde::Serialize;
use serde_json::json as value;

use super::ApiError;
use super::call::Call;
use super::function_name::ListedFunction;
use super::json::json;
use crate::service::Service;

/// What tools look at to find out whether a function is durable, and whether it is ready.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration<'a> {
    function_name: &'a str,
    function_arn: String,
    version: String,
    state: &'a str,
    last_update_status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    durable_config: Option<DurableConfig>,
}

/// Tells of one function.
pub(super) fn get_function(service: &Service, function: &str, call: &Call) -> Result<Response, ApiError> {
    json(&value!({ "Configuration": named(service, function, call)? }))
}

/// Tells how one function is configured.
pub(super) fn get_function_configuration(
    service: &Service,
    function: &str,
    call: &Call,
) -> Result<Response, ApiError> {
    json(&named(service, function, call)?)
}

/// Tells of all functions at once, however few are asked for.
pub(super) fn list_functions(service: &Service) -> Result<Response, ApiError> {
    let names = service.functions().names();
    let functions: Vec<_> = names.iter().filter_map(|name| configuration(service, name, None)).collect();
    json(&value!({ "Functions": functions }))
}

fn named<'a>(service: &'a Service, text: &'a str, call: &Call) -> Result<Configuration<'a>, ApiError> {
    let ListedFunction { name, version } =
        ListedFunction::parse(text, call.query.text("Qualifier"), service)?;
    let arn = arn(service, name, version.as_deref());
    configuration(service, name, version).ok_or_else(|| function_not_found(&arn).into())
}

fn configuration<'a>(
    service: &'a Service,
    name: &'a str,
    version: Option<String>,
) -> Option<Configuration<'a>> {
    let function = service.functions().find(name)?;
    Some(Configuration {
        function_name: name,
        function_arn: arn(service, name, version.as_deref()),
        version: version.unwrap_or_else(|| LATEST.to_owned()),
        // What is served can be invoked.
        state: "Active",
        last_update_status: "Successful",
        durable_config: (function.kind == FunctionKind::Durable).then_some(function.durable_config),
    })
}

const LATEST: &str = "$LATEST";

/// The ARN of a function as it was asked for, with a version or without.
fn arn(service: &Service, name: &str, version: Option<&str>) -> String {
    let mut arn = service.account().function_arn(name, version.unwrap_or_default());
    if version.is_none() {
        arn.pop();
    }
    arn
}
