//! Runtimes of other languages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::settings::FunctionSettings;

/// Runs a Node.js handler as a client of the Runtime API.
const NODE_BOOTSTRAP: &str = include_str!("bootstrap.mjs");

/// A runtime for a handler that is not an executable program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// Python, with AWS's Runtime API client `awslambdaric` installed.
    Python,
    /// Node.js, with a Runtime API client that is part of this program.
    Node,
}

impl Runtime {
    /// Configures a function to run a handler, which has the form `FILE.FUNCTION` as on Lambda.
    ///
    /// The interpreter is `python3` or `node` in `PATH` unless another one is specified, such as that of a virtual
    /// environment.
    pub fn run_handler(self, function: &mut FunctionSettings, interpreter: Option<&Path>, handler: &str) {
        let (default, arguments): (&str, Vec<OsString>) = match self {
            Self::Python => ("python3", vec!["-m".into(), "awslambdaric".into(), handler.into()]),
            Self::Node => {
                let arguments = ["--input-type=module", "--eval", NODE_BOOTSTRAP];
                ("node", arguments.map(OsString::from).into())
            }
        };
        function.program = interpreter.map_or_else(|| PathBuf::from(default), Path::to_path_buf);
        function.arguments = arguments;
        function.handler = Some(handler.to_owned());
        if self == Self::Python {
            // Unbuffered output appears when it is printed.
            let unbuffered = || "1".to_owned();
            function.environment.entry("PYTHONUNBUFFERED".to_owned()).or_insert_with(unbuffered);
        }
    }
}
