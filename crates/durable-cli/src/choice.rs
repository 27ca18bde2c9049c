//! Which execution is read, and where it stands: with a service, or in a file.

use std::path::PathBuf;

use clap::Args;

use crate::bundle::Bundle;
use crate::failure::Failure;
use crate::remote::{Client, ReadOptions};

/// Which execution is read.
#[derive(Debug, Args)]
pub(crate) struct ReadChoice {
    /// The execution: its ARN, its name, or the beginning of its name or id.
    #[arg(value_name = "EXECUTION", required_unless_present = "from")]
    execution: Option<String>,

    /// Looks among the executions of this function alone. AWS needs it, unless an ARN is given.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,

    /// Reads what `durable export` has written instead of asking a service.
    #[arg(long, value_name = "FILE", conflicts_with = "execution")]
    from: Option<PathBuf>,
}

impl ReadChoice {
    /// What the file holds, if one is read.
    pub(crate) fn of_file(&self) -> Result<Option<Bundle>, Failure> {
        Ok(self.from.as_deref().map(Bundle::read).transpose()?)
    }

    /// The service, and the ARN of the execution there.
    pub(crate) async fn of_service(&self, options: &ReadOptions) -> Result<(Client, String), Failure> {
        let client = Client::open_to_read(options).await?;
        let text = self.execution.as_deref().unwrap_or_default();
        let arn = client.find(text, self.function.as_deref()).await?;
        Ok((client, arn))
    }
}
