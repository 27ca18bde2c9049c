//! Ensures that the processes of functions, and all of their descendants, exit with the service.

use std::collections::{BTreeMap, HashSet};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, mem};

use rustix::process::Pid;

use super::settings::Launcher;
use super::watcher::{Change, WatcherPipe, kill};

/// The number of watchers. While one is being replaced, the other can still kill all processes.
const WATCHERS: usize = 2;

/// The delay before a watcher that exited early is replaced. A watcher that ran for at least this long is replaced
/// immediately.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// The watchers of a service: processes that know the process groups of all functions, and outlive the service just
/// long enough to kill them.
///
/// A watcher that exits before the service is replaced by another one, which receives all groups. A thread waits for
/// each watcher, so that its exit is noticed immediately.
pub(super) struct Lifeline {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The state shared with the threads that wait for watchers.
struct Shared {
    launcher: Launcher,
    state: Mutex<State>,
    closed: Condvar,
}

#[derive(Default)]
struct State {
    groups: HashSet<Pid>,
    /// The pipes of the running watchers, by watcher number.
    pipes: BTreeMap<usize, WatcherPipe>,
    is_started: bool,
    is_closed: bool,
}

impl Lifeline {
    /// Creates a lifeline. Its watchers are started when the first group is added.
    pub(super) fn new(launcher: Launcher) -> Self {
        let shared = Shared { launcher, state: Mutex::default(), closed: Condvar::new() };
        Self { shared: Arc::new(shared), threads: Mutex::default() }
    }

    /// Sends a change to all watchers.
    fn send(&self, change: Change) {
        let is_first = self.shared.with(|state| {
            let is_change = match change {
                Change::Added(group) => state.groups.insert(group),
                Change::Removed(group) => state.groups.remove(&group),
            };
            if is_change {
                // A failed write means that the watcher has exited. Its replacement receives all groups.
                state.pipes.values_mut().for_each(|pipe| drop(pipe.send(change)));
            }
            !mem::replace(&mut state.is_started, true)
        });
        if is_first && let Err(error) = (0..WATCHERS).try_for_each(|number| self.start(number)) {
            warn_without_watcher(&error);
        }
    }

    fn start(&self, number: usize) -> io::Result<()> {
        let watcher = self.shared.launch(number);
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new()
            .name("durable-lifeline".to_owned())
            .spawn(move || shared.keep_running(number, watcher))?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        // Watchers exit when their pipes close.
        self.shared.with(|state| {
            state.is_closed = true;
            state.pipes.clear();
        });
        self.shared.closed.notify_all();
        // Joining the threads reaps the watchers, so that no zombies are left.
        let threads = mem::take(self.threads.get_mut().unwrap_or_else(PoisonError::into_inner));
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

impl Shared {
    /// Replaces a watcher whenever it exits, until the lifeline is dropped.
    fn keep_running(&self, number: usize, mut watcher: Option<Child>) {
        loop {
            let start = Instant::now();
            // Waiting fails only if the process no longer exists.
            let _ = watcher.map(|mut watcher| watcher.wait());
            self.with(|state| state.pipes.remove(&number));
            let delay = if start.elapsed() < MIN_LIFETIME { MIN_LIFETIME } else { Duration::ZERO };
            if self.is_closed_within(delay) {
                return;
            }
            watcher = self.launch(number);
        }
    }

    /// Starts a watcher and sends all groups to it.
    fn launch(&self, number: usize) -> Option<Child> {
        let (watcher, mut pipe) = WatcherPipe::open(&self.launcher).inspect_err(warn_without_watcher).ok()?;
        self.with(|state| {
            let is_reached =
                state.groups.iter().try_for_each(|group| pipe.send(Change::Added(*group))).is_ok();
            if is_reached && !state.is_closed {
                state.pipes.insert(number, pipe);
            }
        });
        Some(watcher)
    }

    /// Waits at most `delay` for the lifeline to be dropped, and returns whether it was.
    fn is_closed_within(&self, delay: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.closed.wait_timeout_while(state, delay, |state| !state.is_closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_closed
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn warn_without_watcher(error: &io::Error) {
    tracing::warn!(%error, "processes started by functions may outlive the service: no watcher could be started");
}

/// A process group, the leader of which is a function's process. It is killed when this is dropped, and when the
/// service is gone.
///
/// The drop may happen just after the leader was reaped. Its id cannot be reused while the group has members, and
/// afterwards the system assigns all other free ids first.
pub(super) struct Group {
    leader: Pid,
    lifeline: Arc<Lifeline>,
}

impl Group {
    pub(super) fn new(leader: Pid, lifeline: Arc<Lifeline>) -> Self {
        lifeline.send(Change::Added(leader));
        Self { leader, lifeline }
    }

    pub(super) fn kill(&self) {
        kill(self.leader);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        self.lifeline.send(Change::Removed(self.leader));
    }
}
