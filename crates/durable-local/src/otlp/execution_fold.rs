//! The trace of an execution, as a fold of its recorded events.

use std::sync::Arc;

use durable_service::{Event, History, InvocationEnding};
use durable_timeline::trace::{ExecutionTrace, TraceSpan};

/// The trace of an execution, as a fold of its recorded events.
///
/// # Invariants
/// - Spans that follow from the events up to `exported` alone are not returned. So a fold that was discarded to save memory
///   is repeated without exporting anything twice.
#[derive(Debug, Default)]
pub(super) struct ExecutionFold {
    /// The number of events that were added.
    read: u64,
    /// The number of events whose spans were returned, by this fold or an earlier one.
    exported: u64,
    history: History,
    /// `None` before the first event, and if the caller has decided that the execution is not traced.
    trace: Option<ExecutionTrace>,
    function_name: Option<Arc<str>>,
    is_deleted: bool,
}

impl ExecutionFold {
    /// Repeats a fold whose spans were returned up to this event.
    pub(super) fn again(exported: u64) -> Self {
        Self { exported, ..Self::default() }
    }

    /// Returns the number of events that were added.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Returns the number of events whose spans were returned.
    pub(super) fn exported(&self) -> u64 {
        self.exported
    }

    /// Returns the name of the function, once the execution has started.
    pub(super) fn function_name(&self) -> Option<&Arc<str>> {
        self.function_name.as_ref()
    }

    /// Returns whether the fold holds nothing that later events need.
    pub(super) fn is_complete(&self) -> bool {
        self.trace.as_ref().is_none_or(ExecutionTrace::is_complete)
    }

    /// Returns the approximate memory that it takes, in operations.
    pub(super) fn weight(&self) -> usize {
        let operations = self.trace.as_ref().map_or(0, |trace| trace.timeline().operations().len());
        operations.saturating_add(1)
    }

    /// Adds the next event, and returns the spans that ended with it.
    pub(super) fn apply(&mut self, event: &Event) -> Vec<TraceSpan> {
        self.read = self.read.saturating_add(1);
        let mut spans = self.spans(event);
        if self.read == self.exported {
            spans.extend(self.trace.as_mut().and_then(ExecutionTrace::settle));
        }
        if self.read <= self.exported { Vec::new() } else { spans }
    }

    /// Returns the remaining spans, once all recorded events were added.
    pub(super) fn settle(&mut self) -> Option<TraceSpan> {
        let span = self.trace.as_mut().and_then(ExecutionTrace::settle);
        let is_new = self.read > self.exported;
        self.exported = self.exported.max(self.read);
        span.filter(|_| is_new)
    }

    /// Returns whether the deletion of the execution, which has ended, was requested.
    pub(super) fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    fn spans(&mut self, event: &Event) -> Vec<TraceSpan> {
        let mut spans = Vec::new();
        match event {
            Event::ExecutionStarted(started) => {
                let (arn, caller) = (&started.execution_arn, started.headers.caller_span());
                self.function_name = Some(arn.function_name().into());
                let is_traced = caller.is_sampled != Some(false);
                self.trace = is_traced.then(|| ExecutionTrace::new(arn.as_str(), caller));
            }
            Event::InvocationStarted(started) => {
                if let Some(trace) = &mut self.trace {
                    spans = trace.handle_invocation_started(&started.request_id, started.at);
                }
            }
            Event::InvocationCompleted(completed) if completed.ending == InvocationEnding::Withdrawn => {
                self.trace.as_mut().into_iter().for_each(ExecutionTrace::handle_invocation_withdrawn);
            }
            Event::DeletionRequested(_) => self.is_deleted = true,
            Event::InvocationCompleted(_)
            | Event::OperationChanged(_)
            | Event::Checkpointed(_)
            | Event::PauseRequested(_)
            | Event::ExecutionPaused(_)
            | Event::ExecutionResumed(_)
            | Event::ExecutionEnded(_) => {}
        }
        if let (Some(trace), Some(shown)) = (&mut self.trace, self.history.apply(event)) {
            spans.extend(trace.apply(&shown));
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use durable_core::{DurableContext, Result};

    use super::*;
    use crate::{ExecutionStart, LocalService};

    /// Returns the recorded events of an execution of two invocations.
    async fn recorded() -> Vec<Event> {
        let ship =
            async |_: (), ctx: DurableContext| -> Result<()> { ctx.step("label", async |_| Ok(())).await };
        let order = async |_: (), ctx: DurableContext| -> Result<()> {
            ctx.step("charge", async |_| Ok(())).await?;
            ctx.invoke::<(), _>("ship", "ship:$LATEST", &()).await?;
            ctx.step("thank", async |_| Ok(())).await
        };
        let service =
            LocalService::builder().handler("ship", ship).handler("order", order).start().await.unwrap();
        let start = ExecutionStart { input: Some("null".to_owned()), ..ExecutionStart::new("order") };
        let started = service.start_execution(start).await.unwrap();
        service.wait_closed(&started.arn).await.unwrap();
        let (events, _) = service.host().recorded_events(&(&started.arn).into(), 0).await.unwrap();
        service.shutdown().await;
        events
    }

    fn fold(mut fold: ExecutionFold, events: &[Event]) -> (Vec<TraceSpan>, ExecutionFold) {
        let mut spans: Vec<_> = events.iter().flat_map(|event| fold.apply(event)).collect();
        spans.extend(fold.settle());
        (spans, fold)
    }

    #[tokio::test]
    async fn a_repeated_fold_returns_exactly_what_was_not_returned_before() {
        let events = recorded().await;
        let (whole, complete) = fold(ExecutionFold::default(), &events);
        assert!(complete.is_complete());
        let names = |spans: &[TraceSpan]| {
            let mut names: Vec<_> = spans.iter().map(|span| (span.id, span.name.to_string())).collect();
            names.sort();
            names
        };

        for split in 0..=events.len() {
            let (mut spans, early) = fold(ExecutionFold::default(), &events[..split]);
            let (late, _) = fold(ExecutionFold::again(early.exported()), &events);
            spans.extend(late);

            assert_eq!(names(&spans), names(&whole), "after {split} events");
        }
    }

    #[tokio::test]
    async fn an_execution_that_its_caller_does_not_sample_has_no_spans() {
        let mut events = recorded().await;
        let Event::ExecutionStarted(started) = &mut events[0] else {
            panic!("it does not begin with a start")
        };
        started.headers.trace_header = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned());

        let (spans, unsampled) = fold(ExecutionFold::default(), &events);

        assert_eq!(spans, []);
        assert!(unsampled.is_complete());
    }
}
