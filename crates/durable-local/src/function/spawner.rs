//! The one thread that starts all processes.

use std::sync::Arc;
use std::{io, thread};

use tokio::sync::mpsc;

use super::child;
use super::process::{Process, Processes};
use super::settings::PoolSettings;

/// Starts processes, and kills those that run when it is dropped.
///
/// All are started by one thread that lives as long as this value, because Linux sends the death signal when the
/// *thread* that started a process ends, and the threads of a runtime come and go.
#[derive(Debug)]
pub(super) struct Spawner {
    starts: mpsc::UnboundedSender<Arc<Process>>,
}

impl Spawner {
    pub(super) fn new(settings: PoolSettings, processes: Processes) -> io::Result<Self> {
        let (starts, requests) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("durable-functions".to_owned()).spawn(move || {
            // Once it returns, the runtime is dropped with all tasks, and each task kills its process.
            runtime.block_on(serve(requests, Arc::new(settings), processes));
        })?;
        Ok(Self { starts })
    }

    /// Starts a process. How that went shows in the process.
    pub(super) fn start(&self, process: Arc<Process>) {
        // The thread receives as long as this value exists.
        let _ = self.starts.send(process);
    }
}

async fn serve(
    mut requests: mpsc::UnboundedReceiver<Arc<Process>>,
    settings: Arc<PoolSettings>,
    processes: Processes,
) {
    while let Some(process) = requests.recv().await {
        let (settings, processes) = (Arc::clone(&settings), processes.clone());
        tokio::spawn(async move {
            let exit = child::run(&process, &settings).await;
            processes.remove(process.id());
            process.handle_exited(exit);
        });
    }
}
