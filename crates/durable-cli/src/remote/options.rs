//! The options that say which service and which execution are meant.

use std::path::PathBuf;

use clap::Args;

use super::client::Client;
use super::error::RemoteError;

/// Which service a command talks to.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceOptions {
    /// The address of the service [default: that of the service on the data folder]. DURABLE_SECRET is sent to this
    /// machine or to the host named here, never to another host that a file names.
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<String>,

    /// The data folder of the local service; .durable unless told here or in durable.toml.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,

    /// Talks to AWS, with region, credentials and endpoints as every AWS SDK finds them.
    #[arg(long)]
    pub(super) aws: bool,

    /// The region; implies --aws.
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(super) region: Option<String>,

    /// The profile of the AWS configuration; implies --aws.
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<String>,
}

/// A region becomes part of the name of a host.
fn region(text: &str) -> Result<String, &'static str> {
    let is_one =
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_one { Ok(text.to_owned()) } else { Err("regions are called like eu-central-1") }
}

impl ServiceOptions {
    /// Whether AWS is meant.
    pub(crate) fn is_aws(&self) -> bool {
        self.aws || self.region.is_some() || self.profile.is_some()
    }
}

/// Which service a command asks that only reads.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReadOptions {
    #[command(flatten)]
    pub(super) service: ServiceOptions,

    /// Looks into the data folder if no service runs on it. Nothing of it runs meanwhile.
    #[arg(long, conflicts_with_all = ["endpoint", "aws", "region", "profile"])]
    pub(super) offline: bool,
}

impl ReadOptions {
    /// Whether AWS is meant.
    pub(crate) fn is_aws(&self) -> bool {
        self.service.is_aws()
    }
}

/// Which execution a command is about.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExecutionChoice {
    /// The execution: its ARN, its name, or the beginning of its name or id.
    #[arg(value_name = "EXECUTION")]
    execution: String,

    /// Looks among the executions of this function alone. AWS needs it, unless an ARN is given.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
}

impl ExecutionChoice {
    /// The ARN of the execution.
    pub(crate) async fn find(&self, client: &Client) -> Result<String, RemoteError> {
        client.find(&self.execution, self.function.as_deref()).await
    }
}
