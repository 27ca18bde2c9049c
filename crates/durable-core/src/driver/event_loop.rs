//! The driver loop, generic over the transport alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use durable_engine::{Engine, Idle, Output};
use durable_types::api::{CheckpointResponse, GetStateResponse};
use durable_types::{ErrorObject, InvocationOutput, Timestamp};
use tokio::time::Sleep;

use super::invocation_error::InvocationError;
use super::running::{HandlerFuture, Running};
use super::sent_checkpoint::SentCheckpoint;
use crate::clock::Clock;
use crate::error::with_causes;
use crate::shared::Shared;
use crate::transport::{Transport, TransportError};

/// The number of iterations before the driver yields to other tasks.
const TURNS: usize = 32;

/// The service's answer to the request in flight.
enum Answer {
    Checkpoint(CheckpointResponse),
    State(GetStateResponse),
}

type Request<'t> = Pin<Box<dyn Future<Output = Result<Answer, TransportError>> + Send + 't>>;

/// Drives one invocation.
///
/// It alone owns the request in flight, so dropping the future of an operation never cancels a request.
pub(super) struct EventLoop<'t, T> {
    transport: &'t T,
    shared: Arc<Shared>,
    clock: Clock,
    request: Option<Request<'t>>,
    /// The checkpoint in flight, if plugins observe it.
    checkpoint: Option<SentCheckpoint>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the runtime has had a turn since the handler was last polled.
    has_yielded: bool,
}

impl<'t, T: Transport> EventLoop<'t, T> {
    pub(super) fn new(transport: &'t T, shared: Arc<Shared>) -> Self {
        let clock = shared.clock();
        Self { transport, clock, shared, request: None, checkpoint: None, timer: None, has_yielded: false }
    }

    /// Loads the pages of the journal that were not part of the payload. The inner error is an early answer.
    pub(super) async fn load(mut self) -> Result<Result<Self, InvocationOutput>, InvocationError> {
        while !self.shared.drive(|engine| engine.is_loaded()) {
            self.take_outputs();
            let Some(request) = self.request.take() else { break };
            let answered = request.await;
            if let Some(answer) = self.handle(answered)? {
                return Ok(Err(answer));
            }
        }
        if !self.shared.drive(|engine| engine.has_execution()) {
            let problem = "the invocation carries no record of the execution itself, so its input is unknown";
            let error = TransportError::invocation(problem);
            return Err(InvocationError::new(self.shared.execution_arn(), error));
        }
        Ok(Ok(self))
    }

    /// Drives the handler until there is an answer. The handler is dropped before this returns.
    pub(super) async fn run(
        mut self,
        handler: HandlerFuture<'_>,
    ) -> Result<InvocationOutput, InvocationError> {
        let mut running = Running::new(handler, &self.shared);
        let answer = std::future::poll_fn(|cx| self.poll(&mut running, cx)).await;
        // The answer stands even if dropping the values of the handler panics.
        drop(catch_unwind(AssertUnwindSafe(|| drop(running))));
        // A task spawned by the handler may own the shared state, which in turn owns the task's waker.
        self.shared.forget_wakers();
        answer
    }

    fn poll(
        &mut self,
        running: &mut Running<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<InvocationOutput, InvocationError>> {
        self.shared.register_driver(cx.waker());
        running.start_driving(cx.waker());
        let polled = self.poll_turns(running, cx);
        // Wakes from outside of this loop since the last check would otherwise be lost.
        if running.stop_driving() && polled.is_pending() {
            cx.waker().wake_by_ref();
        }
        polled
    }

    fn poll_turns(
        &mut self,
        running: &mut Running<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<InvocationOutput, InvocationError>> {
        for _ in 0..TURNS {
            self.has_yielded &= !running.is_woken();
            running.poll(&self.shared);
            if !running.is_woken() {
                if self.is_to_yield(running) && self.shared.drive(Engine::can_deliver) {
                    return self.yield_now(cx);
                }
                if running.deliver(&self.shared) || self.shared.wake_at_rest() {
                    continue;
                }
            }
            if let Some(reason) = self.shared.take_interruption() {
                return Poll::Ready(Err(InvocationError::new(self.shared.execution_arn(), reason)));
            }
            self.take_outputs();
            if let Some(answered) = self.poll_request(cx) {
                match self.handle(answered) {
                    Ok(None) => continue,
                    Ok(Some(answer)) => return Poll::Ready(Ok(answer)),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            if running.is_woken() {
                continue;
            }
            let may_wake = running.may_be_woken_beside(&self.shared);
            let now = self.clock.now();
            match self.shared.handle_idle(now, may_wake) {
                Idle::Answer(InvocationOutput::Pending) if self.is_to_yield(running) => {
                    return self.yield_now(cx);
                }
                Idle::Answer(answer) => return Poll::Ready(Ok(answer)),
                Idle::FailInvocation(reason) => {
                    return Poll::Ready(Err(InvocationError::new(self.shared.execution_arn(), reason)));
                }
                Idle::Again => {}
                Idle::Wait => return Poll::Pending,
                Idle::Until(moment) => {
                    if self.poll_timer(moment, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
        // Yield, because the runtime makes its resources return pending to a task that has used up its budget.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the handler may only seem to be at rest: it may have yielded to the runtime, by itself or because tokio's
    /// budget for one poll was used up, and is woken when the runtime has had a turn.
    fn is_to_yield(&self, running: &Running<'_>) -> bool {
        !self.has_yielded && running.may_be_woken_beside(&self.shared)
    }

    /// Gives the runtime a turn, after which it polls this task again.
    fn yield_now<R>(&mut self, cx: &mut Context<'_>) -> Poll<R> {
        self.has_yielded = true;
        // It registers its waker with those of the handler that yielded, and they are woken together.
        if pin!(tokio::task::yield_now()).poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Carries out what the engine asks for.
    fn take_outputs(&mut self) {
        while let Some(output) = self.shared.drive(|engine| engine.poll_output(self.clock.now())) {
            match output {
                Output::Wake(key) => self.shared.wake(key),
                Output::Checkpoint(request) => {
                    let transport = self.transport;
                    let observers = self.shared.observers();
                    self.checkpoint = observers.map(|_| SentCheckpoint::new(&request, self.clock.now()));
                    self.request =
                        Some(Box::pin(
                            async move { transport.checkpoint(request).await.map(Answer::Checkpoint) },
                        ));
                }
                Output::GetState(request) => {
                    let transport = self.transport;
                    self.request =
                        Some(Box::pin(async move { transport.get_state(request).await.map(Answer::State) }));
                }
            }
        }
    }

    fn poll_request(&mut self, cx: &mut Context<'_>) -> Option<Result<Answer, TransportError>> {
        let request = self.request.as_mut()?;
        match request.as_mut().poll(cx) {
            Poll::Pending => None,
            Poll::Ready(answered) => {
                self.request = None;
                if let (Some(observers), Some(sent)) = (self.shared.observers(), self.checkpoint.take()) {
                    observers.checkpoint_ended(&sent.end(answered.as_ref().err(), self.clock.now()));
                }
                Some(answered)
            }
        }
    }

    /// Passes an answer to the engine. A failed request ends the execution or the invocation.
    fn handle(
        &self,
        answered: Result<Answer, TransportError>,
    ) -> Result<Option<InvocationOutput>, InvocationError> {
        match answered {
            Ok(Answer::Checkpoint(response)) => {
                self.shared.drive(|engine| engine.handle_checkpointed(response, self.clock.now()));
            }
            Ok(Answer::State(response)) => self.shared.drive(|engine| engine.handle_state(response)),
            Err(error) if error.fails_execution() => {
                let error = ErrorObject::new("CheckpointError", with_causes(&error));
                return Ok(Some(InvocationOutput::Failed { error: Some(error) }));
            }
            Err(error) => return Err(InvocationError::new(self.shared.execution_arn(), error)),
        }
        Ok(None)
    }

    fn poll_timer(&mut self, moment: Timestamp, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.clock.instant(moment);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}
