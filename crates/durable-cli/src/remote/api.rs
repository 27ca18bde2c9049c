//! The API calls of the commands, one method each.

use durable_types::api::{
    DURABLE_EXECUTION_NAME_HEADER, GetExecutionResponse, INVOCATION_TYPE_HEADER, LOG_TYPE_HEADER,
    ListExecutionsResponse, ServiceErrorKind,
};
use durable_types::history::Event;
use serde_json::{Value, json};

use super::answer::Answer;
use super::client::Client;
use super::error::RemoteError;
use super::request::Request;

const INVOKE_VERSION: &str = "2015-03-31";
const DURABLE_VERSION: &str = "2025-12-01";
/// The number of events per page, the maximum of the API.
const PAGE: &str = "1000";

/// The executions to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListQuery {
    /// Only those of this function. `None` means all, which AWS does not support.
    pub(crate) function: Option<String>,
    pub(crate) qualifier: Option<String>,
    pub(crate) name: Option<String>,
    /// A prefix of names or ids, which AWS does not support.
    pub(crate) prefix: Option<String>,
    pub(crate) statuses: Vec<String>,
    pub(crate) started_after: Option<String>,
    pub(crate) started_before: Option<String>,
    /// Whether to list the oldest first.
    pub(crate) reverse: bool,
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<usize>,
}

/// An invocation of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invocation {
    pub(crate) function: String,
    pub(crate) qualifier: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) input: Option<String>,
    /// Whether the call returns without waiting for the result.
    pub(crate) event: bool,
    pub(crate) tail: bool,
}

/// An action on an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Stop,
    Pause,
    Resume,
}

/// The answer to a callback.
#[derive(Clone, Debug)]
pub(crate) enum CallbackAnswer {
    Success(Option<String>),
    Failure(Value),
    Heartbeat,
}

impl Client {
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Result<Answer, RemoteError> {
        let kind = if invocation.event { "Event" } else { "RequestResponse" };
        let path = [INVOKE_VERSION, "functions", &invocation.function, "invocations"];
        let mut request = Request::new("POST", &path).header(INVOCATION_TYPE_HEADER, kind);
        if let Some(qualifier) = &invocation.qualifier {
            request = request.query("Qualifier", qualifier);
        }
        if let Some(name) = invocation.name {
            request = request.header(DURABLE_EXECUTION_NAME_HEADER, name);
        }
        if invocation.tail {
            request = request.header(LOG_TYPE_HEADER, "Tail");
        }
        let body = invocation.input.unwrap_or_default().into_bytes();
        self.send(request.header("content-type", "application/json").body(body)).await
    }

    /// Returns whether a local service runs a function.
    pub(crate) async fn has_function(&self, name: &str) -> Result<bool, RemoteError> {
        match self.send(Request::new("GET", &[INVOKE_VERSION, "functions", name, "configuration"])).await {
            Ok(_) => Ok(true),
            Err(RemoteError::Refused { error, .. }) if error.kind == ServiceErrorKind::ResourceNotFound => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the description of an execution with its data, as the service returns it.
    pub(crate) async fn execution(&self, arn: &str) -> Result<Value, RemoteError> {
        let request = Request::new("GET", &[DURABLE_VERSION, "durable-executions", arn]);
        self.send(request.query("IncludeExecutionData", "true")).await?.json()
    }

    /// Returns all events of an execution, as the service returns them.
    pub(crate) async fn history(&self, arn: &str, data: bool) -> Result<Vec<Value>, RemoteError> {
        let (mut events, mut marker) = (Vec::new(), None::<String>);
        loop {
            let path = [DURABLE_VERSION, "durable-executions", arn, "history"];
            let mut request = Request::new("GET", &path).query("MaxItems", PAGE);
            request = request.query("IncludeExecutionData", if data { "true" } else { "false" });
            if let Some(marker) = &marker {
                request = request.query("Marker", marker);
            }
            let mut page: Value = self.send(request).await?.json()?;
            if let Some(Value::Array(more)) = page.get_mut("Events").map(Value::take) {
                events.extend(more);
            }
            marker = page.get("NextMarker").and_then(Value::as_str).map(str::to_owned);
            if marker.is_none() {
                return Ok(events);
            }
        }
    }

    /// Returns one page of executions.
    pub(crate) async fn list(&self, query: &ListQuery) -> Result<ListExecutionsResponse, RemoteError> {
        let mut request = match &query.function {
            Some(function) => {
                Request::new("GET", &[DURABLE_VERSION, "functions", function, "durable-executions"])
            }
            None => Request::new("GET", &[DURABLE_VERSION, "durable-executions"]),
        };
        let max_items = query.max_items.map(|items| items.to_string());
        let reverse = query.reverse.then(|| "true".to_owned());
        let single = [
            ("Qualifier", &query.qualifier),
            ("DurableExecutionName", &query.name),
            ("NameOrIdPrefix", &query.prefix),
            ("StartedAfter", &query.started_after),
            ("StartedBefore", &query.started_before),
            ("ReverseOrder", &reverse),
            ("Marker", &query.marker),
            ("MaxItems", &max_items),
        ];
        for (name, value) in single {
            if let Some(value) = value {
                request = request.query(name, value);
            }
        }
        for status in &query.statuses {
            request = request.query("Statuses", status);
        }
        self.send(request).await?.json()
    }

    /// Stops, pauses or resumes an execution. Returns the response of the service.
    pub(crate) async fn act(&self, arn: &str, action: Action, body: &Value) -> Result<Value, RemoteError> {
        let word = match action {
            Action::Stop => "stop",
            Action::Pause => "pause",
            Action::Resume => "resume",
        };
        let request = Request::new("POST", &[DURABLE_VERSION, "durable-executions", arn, word]);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(request.header("content-type", "application/json").body(body)).await?.json()
    }

    pub(crate) async fn delete(&self, arn: &str) -> Result<Value, RemoteError> {
        self.send(Request::new("DELETE", &[DURABLE_VERSION, "durable-executions", arn])).await?.json()
    }

    pub(crate) async fn answer_callback(
        &self,
        callback_id: &str,
        answer: CallbackAnswer,
    ) -> Result<(), RemoteError> {
        let (word, body) = match answer {
            CallbackAnswer::Success(result) => ("succeed", result.unwrap_or_default()),
            CallbackAnswer::Failure(error) => ("fail", error.to_string()),
            CallbackAnswer::Heartbeat => ("heartbeat", String::new()),
        };
        let request =
            Request::new("POST", &[DURABLE_VERSION, "durable-execution-callbacks", callback_id, word]);
        let request = request.header("content-type", "application/json").body(body.into_bytes());
        self.send(request).await.map(drop)
    }

    /// Returns the complete record of an execution on a local service.
    pub(crate) async fn record(&self, arn: &str) -> Result<Value, RemoteError> {
        self.send(Request::new("GET", &["durable", "executions", arn, "record"])).await?.json()
    }

    /// Imports a record into a local service.
    pub(crate) async fn import(&self, record: &Value) -> Result<Value, RemoteError> {
        let request =
            Request::new("POST", &["durable", "executions"]).header("content-type", "application/json");
        self.send(request.body(record.to_string().into_bytes())).await?.json()
    }
}

/// Parses the description of an execution.
pub(crate) fn execution(value: &Value) -> Result<GetExecutionResponse, RemoteError> {
    serde_json::from_value(value.clone()).map_err(|error| RemoteError::Unreadable(error.to_string()))
}

/// Parses the events of an execution.
pub(crate) fn events(values: &[Value]) -> Result<Vec<Event>, RemoteError> {
    serde_json::from_value(json!(values)).map_err(|error| RemoteError::Unreadable(error.to_string()))
}
