//! The spans of one invocation, as a pure function of the calls of its plugin's hooks.

use std::borrow::Cow;
use std::collections::HashMap;

use durable_core::plugin::{
    AttemptEnd, AttemptOutcome, CodeLocation, InvocationEnd, InvocationInfo, InvocationStatus, OperationEnd,
    OperationInfo, OperationStart,
};
use durable_trace::{RemoteParent, SpanId, TraceId, attribute, ids, x_ray_header};
use durable_types::{OperationStatus, OperationType, SmallString, Timestamp, sub_type};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, TraceFlags, TraceState};

use crate::attributes::of_operation;
use crate::caller::caller;
use crate::convert;
use crate::open_operation::OpenOperation;
use crate::span_draft::{Outcome, SpanDraft};
use crate::view::View;

/// What decides about the shape of traces.
#[derive(Clone, Debug)]
pub(crate) struct TraceSettings {
    pub(crate) view: View,
    /// Whether the span of the execution is the root, whatever the trace header says.
    pub(crate) has_workflow_as_root: bool,
    pub(crate) workflow_name: Cow<'static, str>,
}

/// What the spans of executions and invocations belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    /// A span of the caller.
    Caller(SpanId),
    /// A span without duration, because no caller is known.
    Synthetic,
    /// Nothing: the span of the execution is the root, and invocations belong to it.
    Workflow,
}

/// The spans of one invocation.
pub(crate) struct InvocationTrace {
    settings: TraceSettings,
    execution_arn: String,
    request_id: String,
    trace_id: TraceId,
    root: Root,
    is_sampled: bool,
    is_first: bool,
    execution_start: Timestamp,
    start: Timestamp,
    open: HashMap<SmallString, OpenOperation>,
    /// Operations that ended between the invocations, inside a context whose span has not begun.
    early: Vec<OperationInfo>,
    /// The names of contexts that wait for a callback, whose operations have none.
    callback_contexts: HashMap<SmallString, SmallString>,
    ended: Vec<SpanDraft>,
}

impl InvocationTrace {
    /// Begins an invocation. `decide` decides whether a trace is sampled if the caller does not say so.
    pub(crate) fn new(
        settings: TraceSettings,
        invocation: &InvocationInfo<'_>,
        decide: impl FnOnce(opentelemetry::trace::TraceId) -> bool,
    ) -> Self {
        let caller = match settings.has_workflow_as_root {
            true => RemoteParent::default(),
            false => caller(invocation.lambda_context),
        };
        let execution_start = invocation.execution_start_timestamp.unwrap_or(invocation.timestamp);
        let derived = || ids::trace_id(invocation.execution_arn, execution_start);
        let trace_id = caller.trace_id.unwrap_or_else(derived);
        let root = match caller.complete() {
            Some((_, span)) => Root::Caller(span),
            None if settings.has_workflow_as_root => Root::Workflow,
            None => Root::Synthetic,
        };
        let mut trace = Self {
            settings,
            execution_arn: invocation.execution_arn.to_owned(),
            request_id: invocation.lambda_context.request_id.clone(),
            trace_id,
            root,
            is_sampled: caller.is_sampled.unwrap_or_else(|| decide(convert::trace_id(trace_id))),
            is_first: invocation.is_first,
            execution_start,
            start: invocation.timestamp,
            open: HashMap::new(),
            early: Vec::new(),
            callback_contexts: HashMap::new(),
            ended: Vec::new(),
        };
        invocation.operations.iter().for_each(|operation| trace.note_callback_context(operation));
        trace
    }

    pub(crate) fn operation_started(&mut self, started: &OperationStart<'_>) {
        let info = started.operation;
        self.note_callback_context(info);
        let (span_id, start) = match (self.settings.view, started.is_replay) {
            (View::Invocation, true) => (self.continuation(&info.id), started.timestamp),
            (View::Execution, true) => {
                (self.operation_id(&info.id), info.start_timestamp.unwrap_or(started.timestamp))
            }
            (View::Invocation | View::Execution, false) => (self.operation_id(&info.id), started.timestamp),
        };
        self.open.insert(info.id.clone(), OpenOperation { info: info.clone(), span_id, start });
        let (inside, early) = std::mem::take(&mut self.early)
            .into_iter()
            .partition(|early: &OperationInfo| early.parent_id.as_ref() == Some(&info.id));
        self.early = early;
        for operation in inside {
            self.end_early(&operation, started.timestamp);
        }
    }

    pub(crate) fn operation_ended(&mut self, end: &OperationEnd<'_>) {
        let (info, at) = (end.operation, end.timestamp);
        match (self.open.remove(&info.id), self.settings.view) {
            (Some(open), View::Invocation | View::Execution) => {
                self.end_operation(info, open.span_id, (open.start, at));
            }
            (None, View::Execution) => {
                let start = info.start_timestamp.unwrap_or(at);
                let times = (start, info.end_timestamp.unwrap_or(at));
                self.end_operation(info, self.operation_id(&info.id), times);
            }
            (None, View::Invocation) => match &info.parent_id {
                Some(parent) if !self.open.contains_key(parent) => self.early.push(info.clone()),
                Some(_) | None => self.end_early(info, at),
            },
        }
    }

    pub(crate) fn attempt_ended(&mut self, end: &AttemptEnd<'_>) {
        let (info, Some(number)) = (end.start.operation, end.start.attempt) else { return };
        let name = self.name(info);
        let span = self.context(self.attempt_id(&info.id, number));
        let mut attributes = self.attributes(of_operation(info, name.as_deref()));
        attributes.push(KeyValue::new(attribute::ATTEMPT_NUMBER, i64::from(number)));
        attributes.push(KeyValue::new(attribute::ATTEMPT_OUTCOME, end.outcome.as_str()));
        let outcome = match end.outcome {
            AttemptOutcome::Succeeded => Outcome::Succeeded,
            AttemptOutcome::Failed => Outcome::Failed(end.error.cloned()),
            _ => Outcome::Unset,
        };
        let name = format!("{} attempt {number}", name.unwrap_or_else(|| info.operation_type.to_string()));
        self.emit(SpanDraft {
            context: span,
            parent: Some((self.span_of(&info.id), false)),
            name: name.into(),
            start: end.start.timestamp,
            end: end.timestamp,
            attributes,
            link: Some(self.link()),
            outcome,
        });
    }

    pub(crate) fn invocation_ended(&mut self, end: &InvocationEnd<'_>) {
        let at = end.invocation.timestamp;
        for operation in std::mem::take(&mut self.early) {
            self.end_early(&operation, at);
        }
        if self.settings.view == View::Invocation {
            self.end_unfinished(at);
        }
        self.end_invocation(end, at);
        if self.is_first && self.root == Root::Synthetic {
            self.emit_root();
        }
        if end.status.is_terminal() {
            self.end_workflow(end, at);
        }
    }

    /// Takes the spans that have ended since the last call.
    pub(crate) fn take_ended(&mut self) -> Vec<SpanDraft> {
        std::mem::take(&mut self.ended)
    }

    /// Returns the span in which the code at this location runs.
    pub(crate) fn span_at(&self, location: &CodeLocation<'_>) -> SpanContext {
        self.context(match (location.operation_id, location.attempt) {
            (Some(id), Some(number)) => self.attempt_id(id, number),
            (Some(id), None) => self.span_of(id),
            (None, _) => self.invocation_id(),
        })
    }

    /// Returns the trace header for a chained invoke that is about to start.
    pub(crate) fn trace_header(&self, operation_id: &str) -> String {
        x_ray_header(self.trace_id, self.operation_id(operation_id), self.is_sampled)
    }

    /// Ends an operation that ended between the invocations, at the time at which this one learned of it.
    fn end_early(&mut self, info: &OperationInfo, at: Timestamp) {
        self.end_operation(info, self.continuation(&info.id), (at, at));
    }

    fn end_operation(&mut self, info: &OperationInfo, span_id: SpanId, (start, end): (Timestamp, Timestamp)) {
        let outcome = match (&info.status, &info.error) {
            (OperationStatus::Succeeded, _) => Outcome::Succeeded,
            (_, Some(error)) => Outcome::Failed(Some(error.clone())),
            (_, None) => Outcome::Unset,
        };
        let attempt =
            info.attempt.map(|attempt| KeyValue::new(attribute::ATTEMPT_NUMBER, i64::from(attempt)));
        self.emit_operation(info, span_id, (start, end), (info.status.to_string(), attempt, outcome));
    }

    /// Ends the spans of operations that a later invocation continues.
    fn end_unfinished(&mut self, at: Timestamp) {
        let mut unfinished: Vec<(Timestamp, SpanId, OperationInfo)> =
            self.open.values().map(|open| (open.start, open.span_id, open.info.clone())).collect();
        unfinished.sort_by(|(one, _, first), (other, _, second)| (one, &first.id).cmp(&(other, &second.id)));
        for (start, span_id, info) in unfinished {
            let status = OperationStatus::Started.to_string();
            self.emit_operation(&info, span_id, (start, at), (status, None, Outcome::Unset));
        }
    }

    fn emit_operation(
        &mut self,
        info: &OperationInfo,
        span_id: SpanId,
        (start, end): (Timestamp, Timestamp),
        (status, attempt, outcome): (String, Option<KeyValue>, Outcome),
    ) {
        let name = self.name(info);
        let mut attributes = self.attributes(of_operation(info, name.as_deref()));
        attributes.push(KeyValue::new(attribute::OPERATION_STATUS, status));
        attributes.extend(attempt);
        let parent = match (&info.parent_id, self.settings.view) {
            (Some(parent), _) => self.span_of(parent),
            (None, View::Invocation) => self.invocation_id(),
            (None, View::Execution) => ids::workflow(&self.execution_arn),
        };
        self.emit(SpanDraft {
            context: self.context(span_id),
            parent: Some((parent, false)),
            name: name.unwrap_or_else(|| info.operation_type.to_string()).into(),
            start,
            end,
            attributes,
            link: Some(self.link()),
            outcome,
        });
    }

    fn end_invocation(&mut self, end: &InvocationEnd<'_>, at: Timestamp) {
        let outcome = match end.status {
            InvocationStatus::Succeeded | InvocationStatus::Pending => Outcome::Succeeded,
            InvocationStatus::Failed => Outcome::Failed(end.error.cloned()),
            _ => Outcome::Unset,
        };
        let attributes = vec![
            KeyValue::new(attribute::INVOCATION_FIRST, self.is_first),
            KeyValue::new(attribute::INVOCATION_STATUS, end.status.as_str()),
        ];
        let parent = match self.root {
            Root::Caller(span) => (span, true),
            Root::Synthetic => (ids::root(&self.execution_arn), false),
            Root::Workflow => (ids::workflow(&self.execution_arn), false),
        };
        self.emit(SpanDraft {
            context: self.context(self.invocation_id()),
            parent: Some(parent),
            name: attribute::INVOCATION.into(),
            start: self.start,
            end: at,
            attributes: self.attributes(attributes),
            link: None,
            outcome,
        });
    }

    fn end_workflow(&mut self, end: &InvocationEnd<'_>, at: Timestamp) {
        let outcome = match end.status {
            InvocationStatus::Failed => Outcome::Failed(end.error.cloned()),
            _ => Outcome::Succeeded,
        };
        let status = KeyValue::new(attribute::EXECUTION_STATUS, end.status.as_str());
        let parent = match self.root {
            Root::Caller(span) => Some((span, true)),
            Root::Synthetic => Some((ids::root(&self.execution_arn), false)),
            Root::Workflow => None,
        };
        self.emit(SpanDraft {
            context: self.context(ids::workflow(&self.execution_arn)),
            parent,
            name: self.settings.workflow_name.clone(),
            start: self.execution_start,
            end: at,
            attributes: self.attributes(vec![status]),
            link: None,
            outcome,
        });
    }

    fn emit_root(&mut self) {
        let is_synthetic = KeyValue::new(attribute::SYNTHETIC_ROOT, true);
        self.emit(SpanDraft {
            context: self.context(ids::root(&self.execution_arn)),
            parent: None,
            name: attribute::ROOT.into(),
            start: self.execution_start,
            end: self.execution_start,
            attributes: self.attributes(vec![is_synthetic]),
            link: None,
            outcome: Outcome::Unset,
        });
    }

    fn emit(&mut self, span: SpanDraft) {
        if self.is_sampled {
            self.ended.push(span);
        }
    }

    /// Returns the span of an operation in this invocation.
    fn span_of(&self, operation_id: &str) -> SpanId {
        let open = self.open.get(operation_id).map(|open| open.span_id);
        open.unwrap_or_else(|| match self.settings.view {
            View::Invocation => self.continuation(operation_id),
            View::Execution => self.operation_id(operation_id),
        })
    }

    /// Returns what operations and attempts are linked to.
    fn link(&self) -> SpanContext {
        self.context(match self.settings.view {
            View::Invocation => ids::workflow(&self.execution_arn),
            View::Execution => self.invocation_id(),
        })
    }

    /// Returns the name of an operation. Those that a wait for a callback consists of are named after it.
    fn name(&self, info: &OperationInfo) -> Option<String> {
        if let Some(name) = &info.name {
            return Some(name.to_string());
        }
        let context = self.callback_contexts.get(info.parent_id.as_ref()?)?;
        match info.operation_type {
            OperationType::Callback => Some(format!("{context}-callback")),
            OperationType::Step => Some(format!("{context}-submitter")),
            _ => None,
        }
    }

    fn note_callback_context(&mut self, info: &OperationInfo) {
        let waits = info.sub_type.as_ref().is_some_and(|recorded| recorded == sub_type::WAIT_FOR_CALLBACK);
        if let (true, Some(name)) = (waits, &info.name) {
            self.callback_contexts.insert(info.id.clone(), name.clone());
        }
    }

    fn attributes(&self, mut attributes: Vec<KeyValue>) -> Vec<KeyValue> {
        attributes.push(KeyValue::new(attribute::EXECUTION_ARN, self.execution_arn.clone()));
        attributes
    }

    fn context(&self, span_id: SpanId) -> SpanContext {
        let flags = if self.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
        SpanContext::new(
            convert::trace_id(self.trace_id),
            convert::span_id(span_id),
            flags,
            false,
            TraceState::NONE,
        )
    }

    fn invocation_id(&self) -> SpanId {
        ids::invocation(&self.execution_arn, &self.request_id)
    }

    fn operation_id(&self, id: &str) -> SpanId {
        ids::operation(&self.execution_arn, id)
    }

    fn continuation(&self, id: &str) -> SpanId {
        ids::continuation(&self.execution_arn, id, &self.request_id)
    }

    fn attempt_id(&self, id: &str, number: u32) -> SpanId {
        ids::attempt(&self.execution_arn, id, number, &self.request_id)
    }
}
