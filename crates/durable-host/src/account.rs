//! The account and region in which functions and executions exist.

use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};

/// The account and region of a service, which are part of every ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The id of the account, twelve digits.
    pub id: String,
    /// The region.
    pub region: String,
}

impl Account {
    /// Returns the ARN of a function with a version or an alias.
    pub fn function_arn(&self, name: &str, qualifier: &str) -> String {
        format!("arn:aws:lambda:{}:{}:function:{name}:{qualifier}", self.region, self.id)
    }

    /// Returns the ARN of a function if it is valid, and as an error if it is not.
    pub fn check_function(&self, name: &str) -> Result<String, String> {
        let arn = self.function_arn(name, "$LATEST");
        if DurableExecutionArn::new(&arn, "a", "b").is_ok() { Ok(arn) } else { Err(arn) }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self { id: "000000000000".to_owned(), region: "us-east-1".to_owned() }
    }
}

/// Returns the error for a function that does not exist.
pub fn function_not_found(arn: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("Function not found: {arn}"))
}
