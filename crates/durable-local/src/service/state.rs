//! What every request is answered from.

use std::sync::Arc;

use durable_types::DurableExecutionArn;

use super::functions::Functions;
use crate::lane::Lanes;
use crate::logs::LogBook;
use crate::store::{Store, StoreError};

/// What every request is answered from.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) lanes: Lanes,
    pub(crate) functions: Arc<Functions>,
    pub(crate) logs: LogBook,
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
        for row in self.store.unfinished().await? {
            let Some(function) = self.functions.find(&row.function_name) else { continue };
            match row.arn.parse::<DurableExecutionArn>() {
                Ok(arn) => {
                    self.lanes.resume(&arn, Arc::clone(function));
                }
                Err(error) => tracing::error!(arn = row.arn, %error, "an execution cannot go on"),
            }
        }
        Ok(())
    }
}

pub(super) fn function_arn(region: &str, account_id: &str, name: &str, qualifier: &str) -> String {
    format!("arn:aws:lambda:{region}:{account_id}:function:{name}:{qualifier}")
}
