//! GetFunction, GetFunctionConfiguration and ListFunctions.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::account::function_not_found;
use durable_service::FunctionKind;
use durable_types::DurableConfig;
use serde::Serialize;
use serde_json::json as value;

use super::error::ApiError;
use super::function_name::ListedFunction;
use super::json::json;
use super::path::Named;
use super::query::Query;
use super::service::Service;

/// The members from which tools determine whether a function is durable and whether it is ready.
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

/// Describes one function.
pub(super) async fn get_function(
    State(service): State<Arc<Service>>,
    Named(function): Named,
    query: Query,
) -> Result<Response, ApiError> {
    json(&value!({ "Configuration": named(&service, &function, &query)? }))
}

/// Returns the configuration of one function.
pub(super) async fn get_function_configuration(
    State(service): State<Arc<Service>>,
    Named(function): Named,
    query: Query,
) -> Result<Response, ApiError> {
    json(&named(&service, &function, &query)?)
}

/// Lists all functions on one page, whatever its requested size.
pub(super) async fn list_functions(State(service): State<Arc<Service>>) -> Result<Response, ApiError> {
    let names = service.functions().names();
    let functions: Vec<_> = names.iter().filter_map(|name| configuration(&service, name, None)).collect();
    json(&value!({ "Functions": functions }))
}

fn named<'a>(service: &'a Service, text: &'a str, query: &Query) -> Result<Configuration<'a>, ApiError> {
    let ListedFunction { name, version } = ListedFunction::parse(text, query.text("Qualifier"), service)?;
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
        // Every function of the service can be invoked.
        state: "Active",
        last_update_status: "Successful",
        durable_config: (function.kind == FunctionKind::Durable).then_some(function.durable_config),
    })
}

const LATEST: &str = "$LATEST";

/// Returns the ARN of a function as requested, with or without a version.
fn arn(service: &Service, name: &str, version: Option<&str>) -> String {
    let mut arn = service.account().function_arn(name, version.unwrap_or_default());
    if version.is_none() {
        arn.pop();
    }
    arn
}
