//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::plan::Plan;
use crate::services::{AwsRunner, Durable, Restate, Service};

/// Measures durable beside Restate and AWS's local runner, and prints one table.
#[derive(Parser)]
pub struct Arguments {
    /// The command `durable`, built for release.
    durable: PathBuf,
    /// Restate's server [default: the one that `npm install` put into this folder, if any].
    #[arg(long, value_name = "RESTATE_SERVER")]
    restate: Option<PathBuf>,
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
        if let Some(program) = self.restate.clone().or_else(installed_restate) {
            services.push(Box::new(Restate::new(program)));
        }
        if let Some(program) = self.aws.clone().or_else(installed_aws_runner) {
            services.push(Box::new(AwsRunner { program }));
        }
        services
    }
}

/// The native program, because the script that npm links to starts it as its child.
fn installed_restate() -> Option<PathBuf> {
    let packages = std::fs::read_dir(here().join("node_modules/@restatedev")).ok()?;
    packages
        .filter_map(|package| Some(package.ok()?.path().join("bin/restate-server")))
        .find(|program| program.is_file())
}

fn installed_aws_runner() -> Option<PathBuf> {
    Some(here().join("venv/bin/dex-local-runner")).filter(|program| program.is_file())
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
