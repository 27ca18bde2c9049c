//! Lists and lookups of executions.

use durable_service::{ExecutionName, StartedExecution};
use durable_types::DurableExecutionArn;
use durable_types::api::ServiceError;

use crate::error::RecordError;
use crate::host::Host;
use crate::store::{ExecutionFilter, ExecutionPage, ExecutionRow};

impl Host {
    /// Returns a page of at most `limit` executions that match a filter, ordered by start time.
    pub async fn list(&self, filter: ExecutionFilter, limit: usize) -> Result<ExecutionPage, RecordError> {
        Ok(self.store().list(filter, limit).await?)
    }

    /// Returns at most `limit` executions, of one function or of all functions, whose name or id starts with a prefix.
    pub async fn beginning_with(
        &self,
        prefix: &str,
        function_name: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExecutionRow>, RecordError> {
        Ok(self.store().beginning_with(prefix, function_name, limit).await?)
    }

    /// Returns the row of an execution, or `None` if it does not exist.
    pub async fn row(&self, arn: &DurableExecutionArn) -> Result<Option<ExecutionRow>, RecordError> {
        let row = self.store().execution(arn.execution_id()).await?;
        Ok(row.filter(|row| row.arn == arn.as_str()))
    }

    /// Finds an execution by name, and resumes it unless it has ended.
    pub async fn find_by_name(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<StartedExecution>, ServiceError> {
        let (function, execution) = (function_name.to_owned(), execution_name.to_owned());
        self.find(&ExecutionName { function, execution }).await
    }
}
