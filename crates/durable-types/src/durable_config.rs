//! The durable settings of a function.

use serde::{Deserialize, Serialize};

use crate::validate::{self, Check, TextRule};
use crate::violation::Violations;

/// The durable settings of a function ([`DurableConfig`] in the Lambda API).
///
/// [`DurableConfig`]: https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DurableConfig {
    /// The ARN of the KMS key that encrypts the data of its executions.
    #[serde(default, rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// The retention of ended executions in days, 1 to 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_period_in_days: Option<u32>,
    /// The execution timeout in seconds, 1 to 31,622,400 (366 days).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_timeout: Option<u32>,
}

impl DurableConfig {
    /// Sets the retention of ended executions in days, 1 to 90.
    #[must_use]
    pub fn with_retention_period_in_days(mut self, days: u32) -> Self {
        self.retention_period_in_days = Some(days);
        self
    }

    /// Sets the execution timeout in seconds, 1 to 31,622,400.
    #[must_use]
    pub fn with_execution_timeout(mut self, seconds: u32) -> Self {
        self.execution_timeout = Some(seconds);
        self
    }

    /// Validates the settings and returns all violations.
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.optional_text("KMSKeyArn", &TextRule::KMS_KEY_ARN, self.kms_key_arn.as_deref());
        if let Some(days) = self.retention_period_in_days {
            check.add(validate::retention_days(days));
        }
        if let Some(seconds) = self.execution_timeout {
            check.add(validate::execution_timeout_seconds(seconds.into()));
        }
        check.finish()
    }
}
