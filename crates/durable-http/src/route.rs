//! Finds the operation of a request by its method and its path, which is decoded once.

use axum::http::{HeaderMap, Method};
use durable_http_body::ByteBudget;

use super::call::{BodyRules, max_payload_bytes};
use super::{ApiError, CompatRoute, percent};

/// The size limit of a body: the largest payload as JSON in JSON, and what surrounds it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// The size limit of an import: all data of an execution as JSON in JSON, and its log.
const MAX_IMPORT_BYTES: usize = 512 * 1024 * 1024;

/// What the service calls Invoke in its errors.
pub(super) const INVOKE: &str = "InvokeFunction";

/// An operation, and what its path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Invoke, with the function as the caller names it.
    Invoke(String),
    /// A request that is not one of the Lambda API.
    CompatRoute(CompatRoute),
    /// GetFunction, with the function as the caller names it.
    GetFunction(String),
    /// GetFunctionConfiguration, the same.
    GetFunctionConfiguration(String),
    /// ListFunctions.
    ListFunctions,
    /// Lists the executions of all functions, which Lambda has no operation for.
    ListDurableExecutions,
    /// ListDurableExecutionsByFunction, with the function as the caller names it.
    ListDurableExecutionsByFunction(String),
    /// GetDurableExecution, with an ARN; so are the others.
    GetDurableExecution(String),
    /// GetDurableExecutionHistory.
    GetDurableExecutionHistory(String),
    /// CheckpointDurableExecution.
    CheckpointDurableExecution(String),
    /// GetDurableExecutionState.
    GetDurableExecutionState(String),
    /// StopDurableExecution.
    StopDurableExecution(String),
    /// DeleteDurableExecution.
    DeleteDurableExecution(String),
    /// PauseDurableExecution.
    PauseDurableExecution(String),
    /// ResumeDurableExecution.
    ResumeDurableExecution(String),
    /// SendDurableExecutionCallbackSuccess, with the id of a callback; so are the others.
    SendDurableExecutionCallbackSuccess(String),
    /// SendDurableExecutionCallbackFailure.
    SendDurableExecutionCallbackFailure(String),
    /// SendDurableExecutionCallbackHeartbeat.
    SendDurableExecutionCallbackHeartbeat(String),
}

impl Route {
    /// Finds the operation of a path as it was sent, still percent-encoded.
    pub(crate) fn find(method: &Method, path: &str) -> Result<Self, ApiError> {
        let segments = decoded(path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (route, allowed) = match segments.as_slice() {
            ["2015-03-31", "functions", function, "invocations"] => {
                (Self::Invoke((*function).to_owned()), "POST")
            }
            ["2015-03-31", "functions"] => (Self::ListFunctions, "GET"),
            ["2015-03-31", "functions", function] => (Self::GetFunction((*function).to_owned()), "GET"),
            ["2015-03-31", "functions", function, "configuration"] => {
                (Self::GetFunctionConfiguration((*function).to_owned()), "GET")
            }
            ["2025-12-01", "functions", function, "durable-executions"] => {
                (Self::ListDurableExecutionsByFunction((*function).to_owned()), "GET")
            }
            // With a slash behind it, it is the path of one execution, whose ARN the caller lacks.
            ["2025-12-01", "durable-executions"] if !path.ends_with('/') => {
                (Self::ListDurableExecutions, "GET")
            }
            ["2025-12-01", "durable-executions", rest @ ..] => {
                execution(rest, method).ok_or_else(|| ApiError::UnknownOperation(path.to_owned()))?
            }
            ["2025-12-01", "durable-execution-callbacks", id @ .., word] => {
                callback(id, word).ok_or_else(|| ApiError::UnknownOperation(path.to_owned()))?
            }
            others => match CompatRoute::find(others, method) {
                Some((compat, allowed)) => (Self::CompatRoute(compat), allowed),
                None => return Err(ApiError::UnknownOperation(path.to_owned())),
            },
        };
        if allowed.split(", ").any(|allowed| allowed == method.as_str()) {
            return Ok(route);
        }
        Err(ApiError::MethodNotAllowed { path: path.to_owned(), allowed })
    }

    /// Returns the limits of the body of such a request.
    pub(super) fn body_rules(&self, headers: &HeaderMap, bodies: &ByteBudget) -> BodyRules {
        let budget = if self.is_needed_to_progress() { bodies.with_reserve() } else { bodies.clone() };
        let is_import = matches!(self, Self::CompatRoute(CompatRoute::Import));
        let largest = if is_import { MAX_IMPORT_BYTES } else { MAX_BODY_BYTES };
        // A body that exceeds the whole budget is too large, however few others there are.
        let max_bytes = largest.min(budget.limit());
        let is_invoke = matches!(self, Self::Invoke(_));
        let stated_max_bytes = if is_invoke { max_payload_bytes(headers).min(max_bytes) } else { max_bytes };
        BodyRules { operation: self.operation(), max_bytes, stated_max_bytes, budget }
    }

    /// Returns whether running executions depend on the request, so that uploads must not delay it.
    fn is_needed_to_progress(&self) -> bool {
        matches!(
            self,
            Self::CheckpointDurableExecution(_)
                | Self::GetDurableExecutionState(_)
                | Self::SendDurableExecutionCallbackSuccess(_)
                | Self::SendDurableExecutionCallbackFailure(_)
                | Self::SendDurableExecutionCallbackHeartbeat(_)
        )
    }

    /// The name of the operation.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Invoke(_) => INVOKE,
            Self::CompatRoute(compat) => compat.operation(),
            Self::GetFunction(_) => "GetFunction",
            Self::GetFunctionConfiguration(_) => "GetFunctionConfiguration",
            Self::ListFunctions => "ListFunctions",
            Self::ListDurableExecutions => "ListDurableExecutions",
            Self::ListDurableExecutionsByFunction(_) => "ListDurableExecutionsByFunction",
            Self::GetDurableExecution(_) => "GetDurableExecution",
            Self::GetDurableExecutionHistory(_) => "GetDurableExecutionHistory",
            Self::CheckpointDurableExecution(_) => "CheckpointDurableExecution",
            Self::GetDurableExecutionState(_) => "GetDurableExecutionState",
            Self::StopDurableExecution(_) => "StopDurableExecution",
            Self::DeleteDurableExecution(_) => "DeleteDurableExecution",
            Self::PauseDurableExecution(_) => "PauseDurableExecution",
            Self::ResumeDurableExecution(_) => "ResumeDurableExecution",
            Self::SendDurableExecutionCallbackSuccess(_) => "SendDurableExecutionCallbackSuccess",
            Self::SendDurableExecutionCallbackFailure(_) => "SendDurableExecutionCallbackFailure",
            Self::SendDurableExecutionCallbackHeartbeat(_) => "SendDurableExecutionCallbackHeartbeat",
        }
    }
}

/// The operation on one execution: its ARN, then a word.
///
/// Clients encode the slashes of an ARN; one that does not is understood all the same.
fn execution(segments: &[&str], method: &Method) -> Option<(Route, &'static str)> {
    let (arn, word) = match segments {
        [function, "durable-execution", name, id, word @ ..] => {
            (format!("{function}/durable-execution/{name}/{id}"), word)
        }
        [arn, word @ ..] => ((*arn).to_owned(), word),
        [] => (String::new(), segments),
    };
    match word {
        [] if *method == Method::DELETE => Some((Route::DeleteDurableExecution(arn), "GET, DELETE")),
        [] => Some((Route::GetDurableExecution(arn), "GET, DELETE")),
        ["history"] => Some((Route::GetDurableExecutionHistory(arn), "GET")),
        ["state"] => Some((Route::GetDurableExecutionState(arn), "GET")),
        ["stop"] => Some((Route::StopDurableExecution(arn), "POST")),
        ["pause"] => Some((Route::PauseDurableExecution(arn), "POST")),
        ["resume"] => Some((Route::ResumeDurableExecution(arn), "POST")),
        ["checkpoint"] => Some((Route::CheckpointDurableExecution(arn), "POST")),
        _ => None,
    }
}

/// The operation on one callback. Ids hold slashes too.
fn callback(id: &[&str], word: &str) -> Option<(Route, &'static str)> {
    let id = Some(id.join("/")).filter(|id| !id.is_empty())?;
    let route = match word {
        "succeed" => Route::SendDurableExecutionCallbackSuccess(id),
        "fail" => Route::SendDurableExecutionCallbackFailure(id),
        "heartbeat" => Route::SendDurableExecutionCallbackHeartbeat(id),
        _ => return None,
    };
    Some((route, "POST"))
}

/// The segments of a path. A slash that is encoded belongs to its segment.
fn decoded(path: &str) -> Result<Vec<String>, ApiError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(|segment| percent::decoded("path segment", segment)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/order-1/0b1c";

    fn get(path: &str) -> Result<Route, ApiError> {
        Route::find(&Method::GET, path)
    }

    #[test]
    fn an_arn_is_understood_however_it_is_encoded() {
        let history = Route::GetDurableExecutionHistory(ARN.to_owned());
        let encoded = ARN.replace('%', "%25").replace('/', "%2F").replace(':', "%3A").replace('$', "%24");

        for arn in [encoded.clone(), encoded.to_lowercase().replace("latest", "LATEST"), ARN.to_owned()] {
            assert_eq!(get(&format!("/2025-12-01/durable-executions/{arn}/history")), Ok(history.clone()));
        }
        assert_eq!(
            get(&format!("/2025-12-01/durable-executions/{encoded}")),
            Ok(Route::GetDurableExecution(ARN.to_owned()))
        );
    }

    #[test]
    fn the_id_of_a_callback_is_understood_however_it_is_encoded() {
        for path in ["a%2Fb%2Bc%3D%3D", "a/b+c=="] {
            let path = format!("/2025-12-01/durable-execution-callbacks/{path}/succeed");

            let route = Route::find(&Method::POST, &path);

            assert_eq!(route, Ok(Route::SendDurableExecutionCallbackSuccess("a/b+c==".to_owned())));
        }
        for path in
            ["/2025-12-01/durable-execution-callbacks/succeed", "/2025-12-01/durable-execution-callbacks/a/b"]
        {
            assert_eq!(get(path), Err(ApiError::UnknownOperation(path.to_owned())));
        }
    }

    #[test]
    fn a_segment_is_decoded_once() {
        let route = Route::find(&Method::POST, "/2015-03-31/functions/a%2525/invocations");

        assert_eq!(route, Ok(Route::Invoke("a%25".to_owned())));
    }

    #[test]
    fn a_path_of_no_operation_is_unknown() {
        for path in ["/", "", "/2015-03-31/functions/a/b", "/2025-12-01/x", "/2025-12-01/x/y"] {
            assert_eq!(get(path), Err(ApiError::UnknownOperation(path.to_owned())));
        }
    }

    #[test]
    fn another_method_is_told_the_right_one() {
        let path = "/2015-03-31/functions/order/invocations";

        let error = get(path).unwrap_err();

        assert_eq!(error, ApiError::MethodNotAllowed { path: path.to_owned(), allowed: "POST" });
        for method in [Method::PUT, Method::HEAD, Method::OPTIONS] {
            let path = "/2025-12-01/durable-executions/a";
            let error = Route::find(&method, path).unwrap_err();
            assert_eq!(error, ApiError::MethodNotAllowed { path: path.to_owned(), allowed: "GET, DELETE" });
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        assert!(matches!(get("/2025-12-01/durable-executions/%ff"), Err(ApiError::Service(_))));
    }
}
