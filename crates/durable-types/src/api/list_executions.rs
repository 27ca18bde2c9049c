//! ListDurableExecutionsByFunction: lists the executions of a function.

use serde::{Deserialize, Serialize, Serializer};

use crate::execution_status::ExecutionStatus;
use crate::limits::MAX_LISTED_STATUSES;
use crate::timestamp::Timestamp;
use crate::validate::{self, Check, TextRule};
use crate::violation::Violations;

/// The request of [ListDurableExecutionsByFunction].
///
/// The name of the function is part of the path; the other members are query parameters, where a member with several
/// values is repeated and times are ISO 8601 strings.
///
/// [ListDurableExecutionsByFunction]: https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListExecutionsRequest {
    /// The function, as a name, a partial ARN or an ARN.
    #[serde(default, skip)]
    pub function_name: String,
    /// Selects executions of this version or alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// Selects the execution of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_execution_name: Option<String>,
    /// Selects executions with one of these statuses, at most 10; an empty list selects all.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "crate::nullable::null_as_default"
    )]
    pub statuses: Vec<ExecutionStatus>,
    /// Selects executions that started after this time.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub started_after: Option<Timestamp>,
    /// Selects executions that started before this time.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub started_before: Option<Timestamp>,
    /// Whether the oldest execution is first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
    /// The marker of the page, from the previous response; `None` for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The maximum number of executions per page, at most 1,000; 0 or `None` is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
}

impl ListExecutionsRequest {
    /// Creates a request for the first page of all executions of a function.
    pub fn new(function_name: impl Into<String>) -> Self {
        Self { function_name: function_name.into(), ..Self::default() }
    }

    /// Validates the request and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("FunctionName", &TextRule::FUNCTION_NAME, &self.function_name);
        check.optional_text("Qualifier", &TextRule::QUALIFIER, self.qualifier.as_deref());
        let name = self.durable_execution_name.as_deref();
        check.optional_text("DurableExecutionName", &TextRule::EXECUTION_NAME, name);
        if self.statuses.len() > MAX_LISTED_STATUSES {
            let count = self.statuses.len();
            check.refuse("Statuses", format!("must be at most {MAX_LISTED_STATUSES}, but are {count}"));
        }
        for status in &self.statuses {
            if let ExecutionStatus::Unknown(word) = status {
                check.refuse("Statuses", format!("must be statuses of an execution, but one is {word:?}"));
            }
        }
        if let Some(items) = self.max_items {
            check.add(validate::max_items(items));
        }
        check.finish()
    }
}

/// The response of [ListDurableExecutionsByFunction].
///
/// [ListDurableExecutionsByFunction]: https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListExecutionsResponse {
    /// The executions, in the requested order.
    #[serde(default, deserialize_with = "crate::nullable::null_as_default")]
    pub durable_executions: Vec<ExecutionSummary>,
    /// The marker of the next page; absent or empty on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<String>,
}

impl ListExecutionsResponse {
    /// Creates a page of executions.
    pub fn new(durable_executions: Vec<ExecutionSummary>, next_marker: Option<String>) -> Self {
        Self { durable_executions, next_marker }
    }
}

/// One execution in a list ([`Execution`] in the Lambda API).
///
/// [`Execution`]: https://docs.aws.amazon.com/lambda/latest/api/API_Execution.html
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExecutionSummary {
    /// The ARN of the execution.
    pub durable_execution_arn: String,
    /// The name of the execution.
    pub durable_execution_name: String,
    /// The ARN of the function.
    pub function_arn: String,
    /// The status.
    pub status: ExecutionStatus,
    /// The start time.
    pub start_timestamp: Timestamp,
    /// The end time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<Timestamp>,
    /// The ARN of the KMS key that encrypts its data.
    #[serde(default, rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
}

impl ExecutionSummary {
    /// Creates a summary with these required members and no others.
    pub fn new(
        durable_execution_arn: impl Into<String>,
        durable_execution_name: impl Into<String>,
        function_arn: impl Into<String>,
        status: ExecutionStatus,
        start_timestamp: Timestamp,
    ) -> Self {
        Self {
            durable_execution_arn: durable_execution_arn.into(),
            durable_execution_name: durable_execution_name.into(),
            function_arn: function_arn.into(),
            status,
            start_timestamp,
            end_timestamp: None,
            kms_key_arn: None,
        }
    }
}

fn as_text<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.collect_str(moment),
        None => serializer.serialize_none(),
    }
}
