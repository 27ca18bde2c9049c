//! The languages, where they and their packages are installed.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::project::Project;

/// A language besides Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

impl Language {
    /// What it is called in the names of functions and of files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// The program that runs it.
    pub(crate) fn interpreter(self) -> String {
        match self {
            Self::Python => env::var("DURABLE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned()),
            Self::Node => "node".to_owned(),
        }
    }

    /// What one of the scripts here saw, which drives the order of the same language.
    pub(crate) fn drive(self, script: &str) -> Value {
        let project = Project::serve();
        let mut command = Command::new(self.interpreter());
        command.arg(Path::new(SCRIPTS).join(script)).env("NODE_MODULES_FOLDER", node_modules());
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        command.args([format!("http://{}", project.address), format!("order-{}", self.word())]);
        command.arg(project.callback_file(self));

        let output = command.output().unwrap();

        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Whether it is installed with its packages.
    pub(crate) fn is_here(self) -> bool {
        self.load_packages().is_ok()
    }

    /// Loads its packages, or tells what is missing.
    fn load_packages(self) -> Result<(), String> {
        let load = match self {
            Self::Python => [
                "-c",
                "import awslambdaric, aws_durable_execution_sdk_python, aws_durable_execution_sdk_python_testing, boto3",
            ],
            Self::Node => [
                "--eval",
                "const load = require('node:module').createRequire(process.env.NODE_MODULES_FOLDER + '/package.json');\
                 load('@aws/durable-execution-sdk-js'); load('@aws/durable-execution-sdk-js-testing');\
                 load('@aws-sdk/client-lambda')",
            ],
        };
        let mut command = Command::new(self.interpreter());
        command.args(load).env("NODE_MODULES_FOLDER", node_modules());
        let loaded = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        let told = String::from_utf8_lossy(&loaded.stderr);
        if loaded.status.success() { Ok(()) } else { Err(told.trim().to_owned()) }
    }

    /// Whether a test must be skipped without it. It says so, and fails where the language is required.
    pub(crate) fn is_missing(self) -> bool {
        let Err(missing) = self.load_packages() else { return false };
        let required = format!("DURABLE_TEST_REQUIRES_{}", self.word().to_uppercase());
        assert!(
            env::var_os(required).is_none(),
            "{self:?} with the packages that `.ci/run` installs is required: {missing}"
        );
        println!("skipped: {self:?} with the packages that `.ci/run` installs is missing: {missing}");
        true
    }
}

/// Where the functions and scripts are.
pub(crate) const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/languages");

/// Where npm has installed packages.
pub(crate) fn node_modules() -> OsString {
    env::var_os("DURABLE_TEST_NODE_MODULES").unwrap_or_else(|| SCRIPTS.into())
}
