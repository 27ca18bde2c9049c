//! What tools ask CloudFormation about the stack that functions were deployed with: here all functions are in any stack.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use durable_types::Timestamp;
use uuid::Uuid;

use super::super::call::Call;
use super::super::{ApiError, Query};
use crate::service::Service;

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/// Answers a request of the query protocol: a form with the name of the operation.
pub(super) fn answer(service: &Service, call: &Call) -> Result<Response, ApiError> {
    let form = std::str::from_utf8(&call.body).map_err(|_| ApiError::UnknownOperation("/".to_owned()))?;
    let form = Query::parse(form)?;
    match form.text("Action") {
        Some("ListStackResources") => Ok(list_stack_resources(service)),
        Some("DescribeStackResource") => Ok(describe_stack_resource(service, &form)),
        // Functions of a local service are not deployed and need not be removed.
        Some("DeleteStack") => Ok(told("DeleteStack", "")),
        Some(other) => Ok(refused("InvalidAction", &format!("Could not find operation {other}"))),
        None => Err(ApiError::UnknownOperation("/".to_owned())),
    }
}

fn list_stack_resources(service: &Service) -> Response {
    let (names, now) = (service.functions().names(), service.host.now());
    let members: String =
        names.iter().map(|name| format!("<member>{}</member>", resource(name, now))).collect();
    told("ListStackResources", &format!("<StackResourceSummaries>{members}</StackResourceSummaries>"))
}

fn describe_stack_resource(service: &Service, form: &Query) -> Response {
    let logical = form.text("LogicalResourceId").unwrap_or_default();
    let stack = form.text("StackName").unwrap_or_default();
    if service.functions().find(logical).is_none() {
        let message = format!("Resource {logical} does not exist for stack {stack}");
        return refused("ValidationError", &message);
    }
    let detail =
        format!("<StackName>{}</StackName>{}", escaped(stack), resource(logical, service.host.now()));
    told("DescribeStackResource", &format!("<StackResourceDetail>{detail}</StackResourceDetail>"))
}

/// A function as a resource. It has one name, which is both its own and that in the stack.
fn resource(name: &str, now: Timestamp) -> String {
    let name = escaped(name);
    format!(
        "<LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{name}</PhysicalResourceId>\
         <ResourceType>AWS::Lambda::Function</ResourceType><LastUpdatedTimestamp>{now}</LastUpdatedTimestamp>\
         <ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
    )
}

fn told(action: &str, result: &str) -> Response {
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        Uuid::new_v4()
    );
    xml(StatusCode::OK, body)
}

fn refused(code: &str, message: &str) -> Response {
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
