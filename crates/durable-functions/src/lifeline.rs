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
    launcher: Launcher,
    told: Mutex<Told>,
}

/// What the watcher was told, or another is to be told if it is gone.
#[derive(Default)]
struct Told {
    groups: HashSet<Pid>,
    watcher: Option<Watcher>,
}

impl Lifeline {
    /// A lifeline without a watcher, which is started for the first group.
    pub(super) fn new(launcher: Launcher) -> Self {
        Self { launcher, told: Mutex::default() }
    }

    /// Tells the watcher of a change, and another of all groups if it is gone.
    fn tell(&self, sign: char, group: Pid, change: impl FnOnce(&mut HashSet<Pid>) -> bool) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !change(&mut told.groups) {
            return;
        }
        if told.watcher.as_mut().is_some_and(|watcher| watcher.tell(sign, group).is_ok()) {
            return;
        }
        let started = Watcher::start(&self.launcher).and_then(|mut watcher| {
            told.groups.iter().try_for_each(|group| watcher.tell('+', *group)).map(|()| watcher)
        });
        match started {
            Ok(watcher) => told.watcher = Some(watcher),
            Err(error) => {
                tracing::warn!(%error, "what functions start may outlive the service: nothing watches over it");
            }
        }
    }
}

/// The process that watches.
struct Watcher {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Watcher {
    fn start(launcher: &Launcher) -> io::Result<Self> {
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
        Ok(Self { process, pipe })
    }

    fn tell(&mut self, sign: char, group: Pid) -> io::Result<()> {
        self.pipe.as_mut().map_or(Ok(()), |pipe| writeln!(pipe, "{sign}{}", group.as_raw_nonzero()))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // It ends with the pipe. Waiting for it leaves no trace of it.
        let _ = self.process.wait();
    }
}

/// A process and all it started. They are killed when this is dropped, and when the service is gone.
///
/// The drop may come just after the leader was waited for. Its id stays taken as long as the group has members, and
/// is not given to a new process before all other ids were.
pub(super) struct Group {
    leader: Pid,
    lifeline: Arc<Lifeline>,
}

impl Group {
    pub(super) fn new(leader: Pid, lifeline: Arc<Lifeline>) -> Self {
        lifeline.tell('+', leader, |groups| groups.insert(leader));
        Self { leader, lifeline }
    }

    pub(super) fn kill(&self) {
        kill(self.leader);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        let leader = self.leader;
        self.lifeline.tell('-', leader, |groups| groups.remove(&leader));
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
        Command::new("sleep").arg("30").process_group(0).spawn().unwrap()
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
