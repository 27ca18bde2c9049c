//! The outputs of a pool's functions.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::function_output::FunctionOutput;
use super::function_process_metrics::FunctionProcessMetrics;
use super::output::OutputSink;
use super::output_tails::OutputTails;

/// The output of each function, by name. A function keeps its output when it is replaced.
pub(super) struct FunctionOutputs {
    sink: OutputSink,
    tails: OutputTails,
    started: Mutex<HashMap<String, Arc<FunctionOutput>>>,
}

impl FunctionOutputs {
    pub(super) fn new(sink: OutputSink, tails: OutputTails) -> Self {
        Self { sink, tails, started: Mutex::default() }
    }

    /// Returns the output of a function, and starts it for the function's first process.
    pub(super) fn of(
        &self,
        name: &str,
        metrics: &Arc<FunctionProcessMetrics>,
    ) -> io::Result<Arc<FunctionOutput>> {
        self.with_started(|started| {
            if let Some(output) = started.get(name) {
                return Ok(Arc::clone(output));
            }
            let (sink, tails, metrics) = (Arc::clone(&self.sink), self.tails.clone(), Arc::clone(metrics));
            let output = FunctionOutput::start(name, sink, tails, metrics)?;
            let output = Arc::new(output);
            started.insert(name.to_owned(), Arc::clone(&output));
            Ok(output)
        })
    }

    /// Removes the output of a removed function. Its thread ends once the function's processes have exited.
    pub(super) fn forget(&self, name: &str) {
        self.with_started(|started| drop(started.remove(name)));
    }

    /// Waits until the sink has received all lines printed so far.
    pub(super) async fn drained(&self) {
        let outputs: Vec<_> = self.with_started(|started| started.values().cloned().collect());
        for output in outputs {
            output.drained().await;
        }
    }

    fn with_started<T>(&self, change: impl FnOnce(&mut HashMap<String, Arc<FunctionOutput>>) -> T) -> T {
        change(&mut self.started.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
