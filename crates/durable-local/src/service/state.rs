//! What every request is answered from.

use std::sync::Arc;

use durable_store_sqlite::logs::LogStore;
use durable_store_sqlite::{Store, StoreError};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};

use super::functions::Functions;
use crate::lane::Lanes;

/// What every request is answered from.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) lanes: Lanes,
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

    /// Makes the unfinished executions go on whose function is there.
    pub(super) async fn resume_all(&self) -> Result<(), StoreError> {
        let mut elsewhere = Vec::new();
        for row in self.store.unfinished().await? {
            match (row.arn.parse::<DurableExecutionArn>(), self.functions.named(&row.function_name)) {
                (Ok(arn), Some(function)) => self.lanes.resume(&arn, Arc::clone(function)),
                (Ok(arn), None) => elsewhere.push(arn),
                (Err(error), _) => tracing::error!(arn = row.arn, %error, "an execution cannot go on"),
            }
        }
        self.lanes.run_beside(resume_elsewhere(self.lanes.clone(), Arc::clone(&self.functions), elsewhere));
        Ok(())
    }
}

/// Makes executions go on whose record tells where their function is invoked.
async fn resume_elsewhere(lanes: Lanes, functions: Arc<Functions>, arns: Vec<DurableExecutionArn>) {
    for arn in arns {
        match lanes.endpoint(&arn).await {
            Ok(endpoint) => {
                if let Some(function) = functions.find_at(arn.function_name(), endpoint.as_deref()) {
                    lanes.resume(&arn, function);
                }
            }
            Err(failure) => tracing::error!(execution = arn.as_str(), %failure, "an execution cannot go on"),
        }
    }
}

/// The ARN of a function with a version or an alias.
pub(crate) fn function_arn(region: &str, account_id: &str, name: &str, qualifier: &str) -> String {
    format!("arn:aws:lambda:{region}:{account_id}:function:{name}:{qualifier}")
}

/// Whether executions of the function with this ARN can have ARNs themselves.
pub(crate) fn is_namable(function_arn: &str) -> bool {
    DurableExecutionArn::new(function_arn, "a", "b").is_ok()
}

/// What a caller is told of a function that is not there.
pub(crate) fn function_not_found(arn: &str) -> ServiceError {
    ServiceError::new(ServiceErrorKind::ResourceNotFound, format!("Function not found: {arn}"))
}
