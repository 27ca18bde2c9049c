//! Invokes functions, for executions and for callers of plain functions.

use std::sync::Arc;

use bytes::Bytes;
use durable_service::{ChainedInvokeEnd, ExecutionId, FunctionInvocation, InvocationEnd, PlainCall};
use durable_types::{DurableExecutionArn, ErrorObject};
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use crate::command_kind::CommandKind;
use crate::error::ExecutionLost;
use crate::function::{Ended, FunctionCall};
use crate::host::Host;
use crate::invocation_outcome::InvocationOutcome;
use crate::metrics::InvocationObserver;
use crate::panic::{Panicked, caught};
use crate::spans::{self, CommandSpan};

/// The `tracing` target of messages about failed invocations, for programs that report them in another way.
pub const FAILED_INVOCATIONS: &str = "durable::failed_invocations";

impl Host {
    pub(crate) fn invoke(&self, invocation: FunctionInvocation) {
        let request_id = invocation.invocation.request_id.clone();
        let span = spans::invocation(&invocation.arn, &request_id);
        let host = self.clone();
        self.with(|state| {
            if state.is_stopping {
                return;
            }
            state.forget_ended_tasks();
            let metrics = Arc::clone(state.function_metrics.of(invocation.arn.function_name()));
            let observer = InvocationObserver::queued(metrics, span.clone());
            let task = state.tasks.spawn(host.run_invocation(invocation, observer).instrument(span));
            state.queued.insert(request_id, task);
        });
    }

    async fn run_invocation(self, invocation: FunctionInvocation, observer: InvocationObserver) {
        let (arn, request_id) = (invocation.arn.clone(), invocation.invocation.request_id.clone());
        let deliver = || {
            let is_wanted = self.deliver(&request_id);
            if is_wanted {
                observer.handle_delivered();
            }
            is_wanted
        };
        let (api, deliver) = (Arc::new(self.clone()), Box::new(deliver));
        let ended = caught(async { self.functions().invoke(invocation, api, deliver).await }).await;
        let ended = ended.unwrap_or_else(|panicked| {
            Some(Ended::silent(InvocationEnd::Failed(invoker_panicked(&panicked))))
        });
        // Without an end, the invocation was withdrawn or the functions are being stopped.
        let Some(Ended { end, output }) = ended else { return };
        observer.handle_ended(InvocationOutcome::from(&end));
        self.with(|state| state.watchers.handle_output(&(&arn).into(), output));
        if let InvocationEnd::Failed(error) = &end {
            warn_of_failure(&arn, error);
        }
        // An invocation may end without having been delivered.
        self.with(|state| state.queued.remove(&request_id));
        self.metrics().commands.count(CommandKind::InvocationEnded);
        let command = CommandSpan::begin(spans::command(CommandKind::InvocationEnded, &arn));
        let cause = command.as_ref().map(|command| command.cause(&ExecutionId::from(&arn)));
        let span = command.as_ref().map_or_else(Span::none, |command| command.span.clone());
        span.in_scope(|| {
            self.drive_for(cause, |dispatcher, environment| {
                dispatcher.handle_invocation_ended(&request_id, end, environment);
            });
        });
        if let Some(command) = command {
            command.end("ok");
        }
    }

    /// Decides whether an invocation that waited for capacity is delivered.
    fn deliver(&self, request_id: &str) -> bool {
        self.with(|state| {
            state.queued.remove(request_id);
            state.dispatcher.deliver(request_id)
        })
    }

    pub(crate) async fn call(self, call: PlainCall, span: Span) {
        let PlainCall { id, function_arn, function_name, headers, input } = call;
        let input = input.unwrap_or_else(|| "null".to_owned()).into();
        let call = FunctionCall { function_name, function_arn, headers, input };
        // Without an end, the functions are being stopped.
        let Some(Ended { end, .. }) = self.call_guarded(call, span).await else { return };
        let end = end_of_answer(end);
        self.drive(|dispatcher, environment| dispatcher.handle_call_ended(&id, end, environment));
    }

    async fn call_guarded(
        &self,
        call: FunctionCall,
        span: Span,
    ) -> Option<Ended<Result<Bytes, ErrorObject>>> {
        let metrics = self.with(|state| Arc::clone(state.function_metrics.of(&call.function_name)));
        let observer = InvocationObserver::queued(metrics, span);
        // When a plain function has capacity is not reported.
        observer.handle_delivered();
        let ended = caught(async { self.functions().call(call).await }).await;
        let ended = ended.unwrap_or_else(|panicked| Some(Ended::silent(Err(invoker_panicked(&panicked)))));
        if let Some(Ended { end, .. }) = &ended {
            observer.handle_ended(InvocationOutcome::from(end));
        }
        ended
    }

    /// Calls a plain function. The call runs to completion even if the returned future is dropped.
    pub fn call_function(
        &self,
        call: FunctionCall,
    ) -> impl Future<Output = Result<Ended<Result<Bytes, ErrorObject>>, ExecutionLost>> + use<> {
        let (sender, receiver) = oneshot::channel();
        let (host, span) = (self.clone(), spans::call(&call.function_name));
        let called = span.clone();
        let work = async move {
            if let Some(ended) = host.call_guarded(call, called).await {
                // The client may have disconnected.
                let _ = sender.send(ended);
            }
        };
        self.spawn(work.instrument(span));
        async { receiver.await.map_err(|_| ExecutionLost::Stopping) }
    }
}

fn invoker_panicked(panicked: &Panicked) -> ErrorObject {
    ErrorObject::new("Runtime.ExitError", format!("the invoker of functions {panicked}"))
}

fn end_of_answer(answer: Result<Bytes, ErrorObject>) -> ChainedInvokeEnd {
    match answer.map(|body| String::from_utf8(body.to_vec())) {
        Ok(Ok(result)) => ChainedInvokeEnd::Succeeded(Some(result)),
        Ok(Err(_)) => {
            let message = "CHAINED_INVOKE response could not be decoded as UTF-8.";
            ChainedInvokeEnd::Failed(ErrorObject::new("InvalidParameterValueException", message))
        }
        Err(error) => ChainedInvokeEnd::Failed(error),
    }
}

/// Logs a failed invocation, whose only other visible effect is an execution that waits for its next attempt.
fn warn_of_failure(arn: &DurableExecutionArn, error: &ErrorObject) {
    let (function, name, error) = (arn.function_name(), arn.execution_name(), error.to_string());
    let error = error.lines().next().unwrap_or_default();
    tracing::warn!(target: FAILED_INVOCATIONS, "{function}: an invocation of {name} failed: {error}");
}
