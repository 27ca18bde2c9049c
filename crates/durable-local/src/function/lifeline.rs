//! What ends functions' processes when the service is gone, whatever they have started since.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use super::settings::Launcher;

/// What a launcher is called with to keep watch instead of launching a function.
pub(super) const KEEP_WATCH: &str = "keep-watch";

/// A process that knows the groups of all processes of functions, and outlives the service just long enough to kill
/// them.
///
/// It reads a pipe that the service holds open. However the service ends, the system closes the pipe.
pub(super) struct Lifeline {
    watcher: Mutex<Watcher>,
}

struct Watcher {
    process: Child,
    /// None: it is gone.
    pipe: Option<ChildStdin>,
}

impl Lifeline {
    pub(super) fn start(launcher: &Launcher) -> io::Result<Self> {
        let mut process = Command::new(&launcher.program)
            .args(&launcher.arguments)
            .arg(KEEP_WATCH)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C reaches the service alone.
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take();
        Ok(Self { watcher: Mutex::new(Watcher { process, pipe }) })
    }

    fn tell(&self, sign: char, group: Pid) {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pipe) = &mut watcher.pipe else { return };
        if let Err(error) = writeln!(pipe, "{sign}{}", group.as_raw_nonzero()) {
            tracing::warn!(%error, "what functions start may outlive the service: the process that watches is gone");
            watcher.pipe = None;
        }
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        let watcher = self.watcher.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(watcher.pipe.take());
        // It ends with the pipe. That it is waited for leaves no trace of it.
        let _ = watcher.process.wait();
    }
}

/// A process and all it started. They are killed when this is dropped, and when the service is gone.
///
/// The drop may come just after the leader was waited for. Its id stays taken as long as the group has members, and
/// is not given to a new process before all other ids were.
pub(super) struct Group {
    leader: Pid,
    lifeline: Option<Arc<Lifeline>>,
}

impl Group {
    pub(super) fn new(leader: Pid, lifeline: Option<Arc<Lifeline>>) -> Self {
        if let Some(lifeline) = &lifeline {
            lifeline.tell('+', leader);
        }
        Self { leader, lifeline }
    }

    pub(super) fn kill(&self) {
        kill(self.leader);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        if let Some(lifeline) = &self.lifeline {
            lifeline.tell('-', self.leader);
        }
    }
}

/// Watches over the groups that the service tells, and kills those that are left when it is gone.
pub(super) fn keep_watch(told: impl BufRead) -> ExitCode {
    let mut groups = HashSet::new();
    for line in told.lines().map_while(Result::ok) {
        let group = |id: &str| id.parse().ok().and_then(Pid::from_raw);
        match line.split_at_checked(1) {
            Some(("+", id)) => groups.extend(group(id)),
            Some(("-", id)) => groups.retain(|known| Some(*known) != group(id)),
            Some(_) | None => {}
        }
    }
    groups.into_iter().for_each(kill);
    ExitCode::SUCCESS
}

fn kill(group: Pid) {
    // It fails when the group has no member left, which is what was wanted.
    let _ = kill_process_group(group, Signal::KILL);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("1000").process_group(0).spawn().unwrap()
    }

    #[test]
    fn the_groups_that_are_left_are_killed() {
        let (mut ended, mut left) = (sleeper(), sleeper());
        let told = format!("+{}\n+{}\n-{}\nnonsense\n\n", ended.id(), left.id(), ended.id());

        keep_watch(told.as_bytes());

        assert!(!left.wait().unwrap().success());
        assert!(ended.try_wait().unwrap().is_none());
        ended.kill().unwrap();
        ended.wait().unwrap();
    }
}
