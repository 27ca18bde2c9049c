//! The signals that ask a command to end: SIGINT from Ctrl-C, and SIGTERM from a supervisor such as systemd or Docker.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Takes these signals from now on, in place of the system, which would end the process at once.
#[derive(Debug)]
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Begins to take the signals. It must be called within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal, which may have arrived before the call.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
