//! The account and region of functions and executions.

use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};

/// The account and region of a service, which are part of every ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account id, twelve digits.
    pub id: String,
    /// The region, such as `us-east-1`.
    pub region: String,
}

impl Account {
    /// Returns the ARN of a function, qualified with a version or an alias.
    pub fn function_arn(&self, name: &str, qualifier: &str) -> String {
        format!("arn:aws:lambda:{}:{}:function:{name}:{qualifier}", self.region, self.id)
    }

    /// Returns the ARN of the function's `$LATEST` version.
    ///
    /// # Errors
    /// Returns the ARN as the error if it is invalid, for example because the name is.
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
