//! A folder to run the command in, and helpers for its output.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::guest;
use crate::role;

/// A folder to run the command in, with a function in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.script("order", &role::script(role::DURABLE_FUNCTION));
        place.script("tax", &role::script(role::PLAIN_FUNCTION));
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a function that is a shell script.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// Returns the command with these arguments, in this folder.
    pub(crate) fn durable(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_durable"));
        command.args(arguments).current_dir(self.path()).env_remove("RUST_LOG").stdin(Stdio::null());
        command
    }

    /// Returns `durable run` of the function, with these additional arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Command {
        let mut command = self.durable(&["run", "order", "--executable", "order"]);
        command.args(arguments);
        command
    }

    /// Returns the names of the step bodies that ran.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join(guest::BODIES)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns the lines of the command, without the output of its function.
pub(crate) fn shown(output: &Output) -> Vec<String> {
    stderr(output).lines().filter(|line| !line.starts_with("  |")).map(str::to_owned).collect()
}

pub(crate) fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
