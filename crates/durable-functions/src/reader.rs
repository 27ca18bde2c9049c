//! The thread that reads what functions print.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::{io, thread};

use tokio::net::unix::pipe::Receiver;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::output::{self, OutputStream};
use super::process::Process;

/// A thread that reads what functions print, until this is dropped.
///
/// Whoever takes lines may hold it up. It is not the thread that serves the Runtime API, so that a function that prints
/// more than is taken waits for that alone.
pub(super) struct Reader {
    runtime: Handle,
    _running: oneshot::Sender<()>,
}

impl Reader {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let handle = runtime.handle().clone();
        let (running, dropped) = oneshot::channel::<()>();
        thread::Builder::new().name("durable-output".to_owned()).spawn(move || {
            // It fails once the sender is dropped, which is what it waits for.
            let _ = runtime.block_on(dropped);
        })?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Reads a pipe to its end, and hands on what comes as lines of the process.
    pub(super) fn read(
        &self,
        pipe: OwnedFd,
        stream: OutputStream,
        process: &Arc<Process>,
    ) -> io::Result<JoinHandle<()>> {
        let _in_runtime = self.runtime.enter();
        let pipe = Receiver::from_owned_fd(pipe)?;
        let process = Arc::clone(process);
        let drains = process.drains();
        Ok(self.runtime.spawn(async move {
            output::forward(pipe, drains, |line| process.hand_on(stream, line)).await;
        }))
    }
}
