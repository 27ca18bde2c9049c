//! The signals that ask a command to end: SIGINT from Ctrl-C, and SIGTERM from a supervisor such as systemd or Docker.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Handles these signals instead of the default action, which would end the process at once.
#[derive(Debug)]
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Starts handling the signals. Must be called within a runtime.
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
