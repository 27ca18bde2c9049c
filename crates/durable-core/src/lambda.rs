//! Lambda's data about one invocation of a function.

use std::collections::BTreeMap;

use durable_types::Timestamp;

/// Lambda's data about one invocation; see [`DurableContext::lambda_context`](crate::DurableContext::lambda_context).
///
/// All of it varies between the invocations of an execution.
///
/// Entry points and test transports create it and set the fields they know:
///
/// ```
/// use durable_core::lambda::LambdaContext;
/// use durable_core::types::Timestamp;
///
/// let mut context = LambdaContext::new("request-1", Timestamp::from_millis(1_764_000_000_000));
/// context.function_version = Some("7".to_owned());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LambdaContext {
    /// The request id of the invocation.
    pub request_id: String,
    /// The time at which the invocation times out; see [`remaining_time`](crate::DurableContext::remaining_time).
    pub deadline: Timestamp,
    /// The ARN by which the function was invoked, with its version or alias.
    pub invoked_function_arn: Option<String>,
    /// The name of the function.
    pub function_name: Option<String>,
    /// The version of the running function; an execution stays on the version with which it started.
    pub function_version: Option<String>,
    /// The X-Ray trace header.
    pub trace_header: Option<String>,
    /// The tenant that the function was invoked for.
    pub tenant_id: Option<String>,
    /// The client context that the invoker sent.
    pub client_context: Option<ClientContext>,
}

impl LambdaContext {
    /// Creates the data of an invocation with this request id and deadline.
    pub fn new(request_id: impl Into<String>, deadline: Timestamp) -> Self {
        Self {
            request_id: request_id.into(),
            deadline,
            invoked_function_arn: None,
            function_name: None,
            function_version: None,
            trace_header: None,
            tenant_id: None,
            client_context: None,
        }
    }
}

/// The client context that an invoker may send with an invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientContext {
    /// The application that invokes the function.
    pub client: ClientApplication,
    /// Custom values of the application.
    pub custom: BTreeMap<String, String>,
    /// Values that describe the application's environment.
    pub environment: BTreeMap<String, String>,
}

/// The application that invokes a function, as the AWS Mobile SDK describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientApplication {
    /// The id of the installation.
    pub installation_id: String,
    /// The title of the application.
    pub app_title: String,
    /// The name of its version.
    pub app_version_name: String,
    /// The code of its version.
    pub app_version_code: String,
    /// The name of its package.
    pub app_package_name: String,
}
