//! The thread that reads the output of processes.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::{io, thread};

use tokio::net::unix::pipe::Receiver;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::output::{self, OutputStream};
use super::process::Process;

/// A thread that reads the output of processes, until this is dropped.
///
/// It never waits for the sink, because lines pass through the queue of their function. It is separate from the thread
/// that serves the Runtime API, so that large outputs do not delay invocations.
pub(super) struct Reader {
    runtime: Handle,
    _running: oneshot::Sender<()>,
}

impl Reader {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let handle = runtime.handle().clone();
        let (running, dropped) = oneshot::channel::<()>();
        thread::Builder::new().name("durable-pipes".to_owned()).spawn(move || {
            // The sender is dropped along with the `Reader`, which ends the thread.
            let _ = runtime.block_on(dropped);
        })?;
        Ok(Self { runtime: handle, _running: running })
    }

    /// Forwards a pipe of the process to its end, line by line.
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
            output::forward(pipe, drains, |line| process.print(stream, line)).await;
        }))
    }
}
