//! The task that exports executions as traces.

use std::collections::HashSet;
use std::time::Duration;

use durable_host::causes::with_causes;
use durable_host::{ChangedExecutions, ExecutionChanges, Host};
use durable_service::ExecutionId;
use opentelemetry_otlp::ExporterBuildError;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::endpoint::OtlpEndpoint;
use super::followed_executions::FollowedExecutions;
use super::span_exporters::SpanExporters;
use super::span_queue::SpanQueue;

/// The maximum number of executions whose changes are queued.
const MAX_CHANGED: usize = 10_000;

/// The maximum number of spans that wait to be exported.
const MAX_SPANS: usize = 50_000;

/// The maximum number of spans in a request.
const MAX_BATCH: usize = 512;

/// How long changes are collected before they are exported together.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long spans wait after a failed export, unless something changes.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The task that exports executions as traces, until the host has stopped and everything is exported.
pub(crate) struct TraceExport(JoinHandle<()>);

impl TraceExport {
    /// Exports what happens to all executions from now on.
    ///
    /// # Errors
    /// Returns an error if the environment variables `OTEL_EXPORTER_OTLP_*` are invalid.
    pub(crate) fn start(host: &Host, endpoint: OtlpEndpoint) -> Result<Self, ExporterBuildError> {
        let changes = host.changes(MAX_CHANGED);
        let task = ExportTask {
            host: host.clone(),
            executions: FollowedExecutions::default(),
            exporters: SpanExporters::new(endpoint.clone())?,
            spans: SpanQueue::new(MAX_SPANS),
            endpoint,
            is_failing: false,
        };
        Ok(Self(tokio::spawn(task.run(changes))))
    }

    /// Waits until everything is exported. The host must have stopped.
    pub(crate) async fn finished(&mut self) {
        // It ends early only if it panicked, which the runtime reports.
        let _ = (&mut self.0).await;
    }
}

impl Drop for TraceExport {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct ExportTask {
    host: Host,
    executions: FollowedExecutions,
    exporters: SpanExporters,
    spans: SpanQueue,
    endpoint: OtlpEndpoint,
    /// Whether the last export failed.
    is_failing: bool,
}

impl ExportTask {
    async fn run(mut self, mut changes: ExecutionChanges) {
        let mut is_open = true;
        while is_open {
            let (changed, is_last) = self.collect(&mut changes).await;
            is_open = !is_last;
            for id in changed {
                self.read(id).await;
            }
            self.export().await;
        }
        let lost = self.spans.len();
        if lost > 0 {
            tracing::warn!(lost, "the last spans were not exported");
        }
    }

    /// Collects changes for a while, and returns whether they are the last ones.
    async fn collect(&self, changes: &mut ExecutionChanges) -> (HashSet<ExecutionId>, bool) {
        let mut collected = HashSet::new();
        let first = if self.spans.is_empty() {
            changes.next().await
        } else {
            match timeout_at(Instant::now() + RETRY_AFTER, changes.next()).await {
                Ok(first) => first,
                Err(_) => return (collected, false),
            }
        };
        let until = Instant::now() + INTERVAL;
        let mut next = first;
        while let Some(ChangedExecutions { ids, dropped }) = next {
            if dropped > 0 {
                let late =
                    "changes of executions are traced late, because too many others follow one another";
                tracing::warn!(dropped, "{late}");
            }
            collected.extend(ids);
            if Instant::now() >= until || collected.len() >= MAX_CHANGED {
                return (collected, false);
            }
            match timeout_at(until, changes.next()).await {
                Ok(further) => next = further,
                Err(_) => return (collected, false),
            }
        }
        (collected, true)
    }

    /// Adds the spans of an execution that have ended since it was read last.
    async fn read(&mut self, id: ExecutionId) {
        let mut fold = self.executions.take(&id);
        let is_new = fold.exported() == 0;
        let mut spans = Vec::new();
        let read = loop {
            match self.host.recorded_events(&id, fold.read()).await {
                Ok((events, may_continue)) => {
                    spans.extend(events.iter().flat_map(|event| fold.apply(event)));
                    if !may_continue {
                        break Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
        };
        match read {
            Ok(()) => spans.extend(fold.settle()),
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(execution = id.as_str(), error, "the execution cannot be read for its trace");
            }
        }
        // It was exported before it was deleted, even if that was forgotten.
        let is_forgotten = is_new && fold.is_deleted();
        if let Some(function_name) = fold.function_name().filter(|_| !is_forgotten) {
            spans.into_iter().for_each(|span| self.spans.push(function_name, span));
        }
        self.executions.keep(id, fold);
    }

    /// Exports all spans, until it fails.
    async fn export(&mut self) {
        let dropped = self.spans.take_dropped();
        if dropped > 0 {
            tracing::warn!(dropped, "spans were dropped, because too many wait to be exported");
        }
        while let Some((function_name, batch)) = self.spans.batch(MAX_BATCH) {
            let count = batch.len();
            if let Err(error) = self.exporters.export(&function_name, batch).await {
                if !self.is_failing {
                    let endpoint = self.endpoint.url();
                    tracing::warn!(%error, "traces cannot be sent to {endpoint}; retrying");
                }
                self.is_failing = true;
                return;
            }
            if self.is_failing {
                tracing::info!("traces are sent again");
            }
            self.is_failing = false;
            self.spans.remove(count);
        }
    }
}
