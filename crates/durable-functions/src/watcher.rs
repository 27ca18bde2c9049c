//! The watcher, a process that kills the process groups of functions once the service is gone.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use super::settings::Launcher;

/// The argument that makes a launcher run a watcher instead of a function.
pub(super) const KEEP_WATCH: &str = "keep-watch";

/// A change to the set of process groups that a watcher kills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added(Pid),
    Removed(Pid),
}

/// The pipe that carries changes to a watcher. When it closes, the watcher kills the remaining groups and exits.
///
/// The service holds it open. The system closes it when the service ends for any reason.
pub(super) struct WatcherPipe(ChildStdin);

impl WatcherPipe {
    /// Starts a watcher, and returns its process and its pipe.
    pub(super) fn open(launcher: &Launcher) -> io::Result<(Child, Self)> {
        let mut process = Command::new(&launcher.program)
            .args(&launcher.arguments)
            .arg(KEEP_WATCH)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Keeps Ctrl-C from reaching the watcher.
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((process, Self(pipe)))
    }

    pub(super) fn send(&mut self, change: Change) -> io::Result<()> {
        match change {
            Change::Added(group) => writeln!(self.0, "+{}", group.as_raw_nonzero()),
            Change::Removed(group) => writeln!(self.0, "-{}", group.as_raw_nonzero()),
        }
    }
}

/// Runs a watcher: reads changes until the pipe closes, and kills the remaining groups.
pub(super) fn keep_watch(pipe: impl BufRead) -> ExitCode {
    let mut groups = HashSet::new();
    for change in pipe.lines().map_while(Result::ok).filter_map(|line| parse(&line)) {
        match change {
            Change::Added(group) => groups.insert(group),
            Change::Removed(group) => groups.remove(&group),
        };
    }
    groups.into_iter().for_each(kill);
    ExitCode::SUCCESS
}

fn parse(line: &str) -> Option<Change> {
    let (sign, id) = line.split_at_checked(1)?;
    let group = Pid::from_raw(id.parse().ok()?)?;
    match sign {
        "+" => Some(Change::Added(group)),
        "-" => Some(Change::Removed(group)),
        _ => None,
    }
}

/// Kills all processes of a group.
pub(super) fn kill(group: Pid) {
    // It fails if the group has no members left, which is the goal.
    let _ = kill_process_group(group, Signal::KILL);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("30").process_group(0).spawn().unwrap()
    }

    #[test]
    fn the_groups_that_are_left_are_killed() {
        let (mut ended, mut left) = (sleeper(), sleeper());
        let changes = format!("+{}\n+{}\n-{}\nnonsense\n\n", ended.id(), left.id(), ended.id());

        keep_watch(changes.as_bytes());

        assert!(!left.wait().unwrap().success());
        assert!(ended.try_wait().unwrap().is_none());
        ended.kill().unwrap();
        ended.wait().unwrap();
    }
}
