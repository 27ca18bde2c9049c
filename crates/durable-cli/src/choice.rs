//! The options that select the execution to read, from a service or from a file.

use std::path::PathBuf;

use clap::Args;

use crate::export_file::ExportFile;
use crate::failure::Failure;
use crate::remote::{Client, ReadOptions};

/// The execution to read.
#[derive(Debug, Args)]
pub(crate) struct ReadChoice {
    /// The execution, by ARN, name, or a unique prefix of its name or id.
    #[arg(value_name = "EXECUTION", required_unless_present = "from")]
    execution: Option<String>,

    /// Searches only the executions of this function. AWS requires it, unless an ARN is given.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,

    /// Reads a file that `durable export` has written instead of asking a service.
    #[arg(long, value_name = "FILE", conflicts_with = "execution")]
    from: Option<PathBuf>,
}

impl ReadChoice {
    /// Returns the contents of the file, if one is selected.
    pub(crate) fn of_file(&self) -> Result<Option<ExportFile>, Failure> {
        Ok(self.from.as_deref().map(ExportFile::read).transpose()?)
    }

    /// Returns the service, and the ARN of the execution there.
    pub(crate) async fn of_service(&self, options: &ReadOptions) -> Result<(Client, String), Failure> {
        let client = Client::open_to_read(options).await?;
        let text = self.execution.as_deref().unwrap_or_default();
        let arn = client.find(text, self.function.as_deref()).await?;
        Ok((client, arn))
    }
}
