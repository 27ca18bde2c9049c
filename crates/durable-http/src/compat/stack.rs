//! The operations of CloudFormation that tools use on stacks. Every stack has all functions of the service.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use durable_types::Timestamp;
use uuid::Uuid;

use super::super::error::ApiError;
use super::super::query::Query;
use crate::service::Service;

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/// Answers a request of the AWS Query protocol: a form with the name of the operation.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<Response, ApiError> {
    let form = std::str::from_utf8(body).map_err(|_| ApiError::UnknownOperation("/".to_owned()))?;
    let form = Query::parse(form)?;
    match form.text("Action") {
        Some("ListStackResources") => Ok(list_stack_resources(service)),
        Some("DescribeStackResource") => Ok(describe_stack_resource(service, &form)),
        // Functions of a local service are not deployed and need not be removed.
        Some("DeleteStack") => Ok(success("DeleteStack", "")),
        Some(other) => Ok(failure("InvalidAction", &format!("Could not find operation {other}"))),
        None => Err(ApiError::UnknownOperation("/".to_owned())),
    }
}

fn list_stack_resources(service: &Service) -> Response {
    let (names, now) = (service.functions().names(), service.host.now());
    let members: String =
        names.iter().map(|name| format!("<member>{}</member>", resource(name, now))).collect();
    success("ListStackResources", &format!("<StackResourceSummaries>{members}</StackResourceSummaries>"))
}

fn describe_stack_resource(service: &Service, form: &Query) -> Response {
    let logical = form.text("LogicalResourceId").unwrap_or_default();
    let stack = form.text("StackName").unwrap_or_default();
    if service.functions().find(logical).is_none() {
        let message = format!("Resource {logical} does not exist for stack {stack}");
        return failure("ValidationError", &message);
    }
    let detail =
        format!("<StackName>{}</StackName>{}", escaped(stack), resource(logical, service.host.now()));
    success("DescribeStackResource", &format!("<StackResourceDetail>{detail}</StackResourceDetail>"))
}

/// Describes a function as a resource, whose logical and physical ids are both its name.
fn resource(name: &str, now: Timestamp) -> String {
    let name = escaped(name);
    format!(
        "<LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{name}</PhysicalResourceId>\
         <ResourceType>AWS::Lambda::Function</ResourceType><LastUpdatedTimestamp>{now}</LastUpdatedTimestamp>\
         <ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
    )
}

fn success(action: &str, result: &str) -> Response {
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        Uuid::new_v4()
    );
    xml(StatusCode::OK, body)
}

fn failure(code: &str, message: &str) -> Response {
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        escaped(message),
        Uuid::new_v4()
    );
    xml(StatusCode::BAD_REQUEST, body)
}

fn xml(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
