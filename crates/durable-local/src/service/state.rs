//! What every request is answered from.

use std::sync::Arc;

use durable_store_sqlite::logs::LogStore;
use durable_store_sqlite::{Store, StoreError};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};

use super::functions::Functions;
use crate::host::Host;

/// What every request is answered from.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) functions: Arc<Functions>,
    pub(crate) logs: LogStore,
    pub(crate) region: String,
    pub(crate) account_id: String,
}

impl Service {
    /// The ARN of a function with a version or an alias.
    pub(crate) fn function_arn(&self, name: &str, qualifier: &str) -> String {
        function_arn(&self.region, &self.account_id, name, qualifier)
    }

    /// Makes the unfinished executions continue.
    pub(super) async fn resume_all(&self) -> Result<(), StoreError> {
        for row in self.store.unfinished().await? {
            match row.arn.parse::<DurableExecutionArn>() {
                Ok(arn) => self.host.resume(&arn),
                Err(error) => tracing::error!(arn = row.arn, %error, "an execution cannot continue"),
            }
        }
        Ok(())
    }
}

/// A start that fails or is given up leaves nothing running, which would keep the folder.
impl Drop for Service {
    fn drop(&mut self) {
        self.host.abort();
    }
}

/// The ARN of a function with a version or an alias.
pub(super) fn function_arn(region: &str, account_id: &str, name: &str, qualifier: &str) -> String {
    format!("arn:aws:lambda:{region}:{account_id}:function:{name}:{qualifier}")
}

/// Whether executions of the function with this ARN can have ARNs themselves.
pub(super) fn is_namable(function_arn: &str) -> bool {
    DurableExecutionArn::new(function_arn, "a", "b").is_ok()
}

/// Returns whether a function can have this name, which is part of the ARNs of its executions.
pub fn is_function_name(name: &str) -> bool {
    is_namable(&function_arn("us-east-1", "000000000000", name, "$LATEST"))
}

/// What a caller is told of a function that is not there.
pub(crate) fn function_not_found(arn: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("Function not found: {arn}"))
}
