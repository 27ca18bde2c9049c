//! The `durable` command, as a process of its own, with a function that is another.

mod aws;
mod client;
mod dev;
mod export;
pub(crate) mod guest;
mod interrupted;
mod logs;
mod offline;
mod open_files;
mod private_files;
mod project;
mod refusal;
mod remote;
mod run;
mod secret;
mod selection;
mod server;
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::role;

/// A folder to run the command in, with a function in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let arguments = role::ARGUMENTS.join(" ");
        let text =
            format!("exec env {}='durable function' {} {arguments}", role::ROLE, role::program().display());
        place.script("order", &text);
        place.script("tax", &text.replace("durable function", "plain function"));
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a function that is a shell script.
    fn script(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// The command with these arguments, in this folder.
    fn durable(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_durable"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// `durable run` of the function, with these arguments besides.
    fn run(&self, arguments: &[&str]) -> Command {
        let mut command = self.durable(&["run", "order", "--executable", "order"]);
        command.args(arguments);
        command
    }

    /// What the function left behind: a line for each step body that ran.
    fn bodies(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join(guest::BODIES)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What the command itself says, without what its function prints.
fn shown(output: &Output) -> Vec<String> {
    stderr(output).lines().filter(|line| !line.starts_with("  |")).map(str::to_owned).collect()
}

fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
