//! The single thread that starts all processes.

use std::sync::Arc;
use std::{io, thread};

use tokio::sync::mpsc;

use super::child::{self, SharedResources};
use super::exit_reason::ExitReason;
use super::lifeline::Lifeline;
use super::phase::Exit;
use super::process::{Process, Processes};
use super::reader::Reader;
use super::runtime_server::RuntimePort;
use super::settings::PoolSettings;

/// Starts processes, and kills the running ones when it is dropped.
///
/// A single thread that lives as long as this value starts all processes, because Linux sends the parent death signal
/// when the parent *thread* ends, and the threads of a runtime come and go.
#[derive(Debug)]
pub(super) struct Spawner {
    starts: mpsc::UnboundedSender<Start>,
}

/// A request to start a process whose Runtime API is served on a port.
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
        let shared = Arc::new(SharedResources { settings, lifeline, reader: Reader::start()? });
        thread::Builder::new().name("durable-functions".to_owned()).spawn(move || {
            // When this returns, the runtime is dropped along with all tasks, and each task kills its process.
            runtime.block_on(serve(requests, shared, processes));
        })?;
        Ok(Self { starts })
    }

    /// Starts a process. A failure is reported as the exit of the process.
    pub(super) fn start(&self, process: Arc<Process>, port: RuntimePort) {
        // The receiver lives as long as this value.
        let _ = self.starts.send(Start { process, port });
    }
}

async fn serve(
    mut requests: mpsc::UnboundedReceiver<Start>,
    shared: Arc<SharedResources>,
    processes: Processes,
) {
    while let Some(start) = requests.recv().await {
        let (shared, processes) = (Arc::clone(&shared), processes.clone());
        tokio::spawn(async move {
            let process = Arc::clone(&start.process);
            let exit = run(start, &shared).await;
            processes.remove(process.id());
            process.handle_exited(exit);
        });
    }
}

/// Runs a process until it exits, and serves its Runtime API meanwhile. Both run on the spawner's thread, which
/// outlives the runtimes of the callers that invoke functions.
async fn run(start: Start, shared: &SharedResources) -> Exit {
    let Start { process, port } = start;
    match port.serve(Arc::clone(&process), shared.settings.bodies.with_reserve()) {
        Ok(_server) => tokio::select! {
            exit = child::run(&process, shared) => exit,
            never = process.retire_when_idle() => match never {},
        },
        Err(error) => {
            process.note_exit(ExitReason::NotStarted);
            let name = &process.function().name;
            Exit::NotStarted { cause: format!("cannot serve the Runtime API of function `{name}`: {error}") }
        }
    }
}
