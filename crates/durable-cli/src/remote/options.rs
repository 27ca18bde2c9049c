//! The options that select the service.

use std::path::PathBuf;

use clap::Args;

/// The service that a command talks to.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceOptions {
    /// The address of the service [default: that of the service on the data folder]. DURABLE_SECRET is sent to this
    /// machine or to the host named here, never to another host that a file names.
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<String>,

    /// The data folder of the local service [default: that of durable.toml, or .durable].
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,

    /// Talks to AWS, with the configuration of the AWS SDKs.
    #[arg(long)]
    pub(super) aws: bool,

    /// The region; implies --aws.
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(super) region: Option<String>,

    /// The profile of the AWS configuration; implies --aws.
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<String>,
}

/// Parses a region, which becomes part of a host name.
fn region(text: &str) -> Result<String, &'static str> {
    let is_one =
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if is_one { Ok(text.to_owned()) } else { Err("expected a region such as eu-central-1") }
}

impl ServiceOptions {
    /// Returns whether the options select AWS.
    pub(crate) fn is_aws(&self) -> bool {
        self.aws || self.region.is_some() || self.profile.is_some()
    }
}

/// The service that a read-only command talks to.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReadOptions {
    #[command(flatten)]
    pub(super) service: ServiceOptions,

    /// Reads the data folder if no service runs on it. No execution is resumed.
    #[arg(long, conflicts_with_all = ["endpoint", "aws", "region", "profile"])]
    pub(super) offline: bool,
}

impl ReadOptions {
    /// Returns whether the options select AWS.
    pub(crate) fn is_aws(&self) -> bool {
        self.service.is_aws()
    }
}
