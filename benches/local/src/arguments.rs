//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::plan::Plan;
use crate::services::{AwsRunner, Durable, Service};

/// Measures durable beside AWS's local runner, and prints one table.
#[derive(Parser)]
pub struct Arguments {
    /// The command `durable`, built for release.
    durable: PathBuf,
    /// AWS's local runner [default: the one in the virtual environment `venv` of this folder, if any].
    #[arg(long, value_name = "DEX_LOCAL_RUNNER")]
    aws: Option<PathBuf>,
    /// Measures less of everything, to see that it works.
    #[arg(long)]
    quick: bool,
}

impl Arguments {
    pub fn plan(&self) -> Plan {
        if self.quick { Plan::QUICK } else { Plan::FULL }
    }

    /// Makes the services that are given or installed.
    pub fn services(&self) -> Vec<Box<dyn Service>> {
        let mut services: Vec<Box<dyn Service>> = vec![Box::new(Durable { program: self.durable.clone() })];
        if let Some(program) = self.aws.clone().or_else(installed_aws_runner) {
            services.push(Box::new(AwsRunner { program }));
        }
        services
    }
}

fn installed_aws_runner() -> Option<PathBuf> {
    Some(here().join("venv/bin/dex-local-runner")).filter(|program| program.is_file())
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
