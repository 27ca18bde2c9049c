//! The one thread that starts all processes.

use std::sync::Arc;
use std::{io, thread};

use tokio::sync::mpsc;

use super::child::{self, Host};
use super::lifeline::Lifeline;
use super::phase::Exit;
use super::process::{Process, Processes};
use super::reader::Reader;
use super::runtime_server::RuntimePort;
use super::settings::PoolSettings;

/// Starts processes, and kills those that run when it is dropped.
///
/// All are started by one thread that lives as long as this value, because Linux sends the death signal when the
/// *thread* that started a process ends, and the threads of a runtime come and go.
#[derive(Debug)]
pub(super) struct Spawner {
    starts: mpsc::UnboundedSender<Start>,
}

/// A process to start, and the port it is told.
#[derive(Debug)]
struct Start {
    process: Arc<Process>,
    port: RuntimePort,
}

impl Spawner {
    pub(super) fn new(settings: PoolSettings, processes: Processes) -> io::Result<Self> {
        let (starts, requests) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let lifeline = Arc::new(Lifeline::new(settings.launcher.clone()));
        let host = Arc::new(Host { settings, lifeline, reader: Reader::start()? });
        thread::Builder::new().name("durable-functions".to_owned()).spawn(move || {
            // Once it returns, the runtime is dropped with all tasks, and each task kills its process.
            runtime.block_on(serve(requests, host, processes));
        })?;
        Ok(Self { starts })
    }

    /// Starts a process. How that went shows in the process.
    pub(super) fn start(&self, process: Arc<Process>, port: RuntimePort) {
        // The thread receives as long as this value exists.
        let _ = self.starts.send(Start { process, port });
    }
}

async fn serve(mut requests: mpsc::UnboundedReceiver<Start>, host: Arc<Host>, processes: Processes) {
    while let Some(start) = requests.recv().await {
        let (host, processes) = (Arc::clone(&host), processes.clone());
        tokio::spawn(async move {
            let process = Arc::clone(&start.process);
            let exit = run(start, &host).await;
            processes.remove(process.id());
            process.handle_exited(exit);
        });
    }
}

/// Runs a process to its end, and its Runtime API beside it. They share the thread, which outlives the runtimes of
/// those who invoke functions.
async fn run(start: Start, host: &Host) -> Exit {
    let Start { process, port } = start;
    match port.serve(Arc::clone(&process), host.settings.bodies.with_reserve()) {
        Ok(_server) => tokio::select! {
            exit = child::run(&process, host) => exit,
            never = process.retire_when_idle() => match never {},
        },
        Err(error) => {
            let name = &process.function().name;
            Exit::NotStarted { cause: format!("the port of function `{name}` cannot be served: {error}") }
        }
    }
}
