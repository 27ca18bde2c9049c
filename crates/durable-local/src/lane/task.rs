//! The serial task of one live execution.

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use durable_service::{Command, Effect, Execution, InvocationEnd, Outcome, Reply};
use durable_store_sqlite::StatusChange;
use durable_types::api::ServiceError;
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus};
use tokio::time::{Instant, sleep_until};

use super::failure::LaneFailure;
use super::invocation::EndedInvocation;
use super::message::Message;
use super::patience::Patience;
use super::progress::{ClosedExecution, Standing};
use super::record::{Record, status_change};
use super::seat::Seat;
use crate::clock;

/// What failed invocations are logged as, for those who tell of them in another way.
pub(crate) const FAILED_INVOCATIONS: &str = "durable::failed_invocations";

/// The longest sleep: afterwards the clock is looked at again, in case somebody set it or the machine slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The serial task of one live execution: the only place where its state changes.
///
/// # Invariants
/// - Nobody learns of a change before its events are on disk.
/// - After a failed append the state in memory is ahead of the disk, so the lane stops at once: nothing more is read
///   from that state, and whoever asks next reads the record.
pub(super) struct Lane<'a> {
    execution: Execution,
    record: Record,
    seat: &'a mut Seat,
    /// The function was repaired while an invocation was in flight, which may still be one of what failed.
    was_repaired: bool,
}

impl<'a> Lane<'a> {
    pub(super) fn new(execution: Execution, record: Record, seat: &'a mut Seat) -> Self {
        Self { execution, record, seat, was_repaired: false }
    }

    /// Serves the execution until it has ended.
    pub(super) async fn serve(&mut self) -> Result<(), LaneFailure> {
        let mut patience = Patience::new(Instant::now());
        while !self.is_over() {
            let due = self.next_due().map(|due| patience.postponed(due));
            tokio::select! {
                message = self.seat.inbox.recv() => match message {
                    Some(message) => self.handle_message(*message).await?,
                    None => return Ok(()),
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    let recorded = self.record.sequence;
                    self.handle_timer_due().await?;
                    if recorded == self.record.sequence && self.is_due() {
                        patience.handle_idle(Instant::now());
                    } else {
                        patience.handle_progress();
                    }
                }
            }
        }
        Ok(())
    }

    /// Answers whoever asked before the lane ended.
    pub(super) async fn serve_rest(&mut self) -> Result<(), LaneFailure> {
        self.seat.inbox.close();
        while let Some(message) = self.seat.inbox.recv().await {
            self.handle_message(*message).await?;
        }
        Ok(())
    }

    /// Ends the invocation that an earlier process left behind, which invokes the function again, and whatever came
    /// due meanwhile. Makes the calls again whose end was not told. What an earlier lane of this process began and is
    /// still under way is left alone.
    pub(super) async fn take_over(&mut self) -> Result<(), LaneFailure> {
        if let Some(request_id) = self.execution.invocation_in_flight().map(str::to_owned)
            && !self.seat.lanes.invocations().contains(&request_id)
        {
            self.handle_invocation_ended(request_id, InvocationEnd::Lost).await?;
        }
        self.handle_timer_due().await?;
        let calls: Vec<_> = self.execution.calls().cloned().collect();
        let caller = self.execution.arn();
        calls.into_iter().for_each(|call| self.seat.lanes.call(call, caller));
        Ok(())
    }

    /// Brings about what the execution wants done, now that it is recorded.
    pub(super) fn act(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Invoke(invocation) => {
                    let function = Arc::clone(&self.seat.function);
                    self.seat.lanes.invoke(invocation, function, &self.execution);
                }
                // Those who wait watch the progress, which is told next.
                Effect::Closed => {}
                Effect::InvokeFunction(call) => self.seat.lanes.call(call, self.execution.arn()),
                Effect::QuotaNear(used) => {
                    tracing::warn!(execution = self.execution.arn().as_str(), "{used}");
                }
                Effect::Delete => self.seat.lanes.delete_beside(self.execution.arn().clone()),
            }
        }
        self.tell();
    }

    async fn handle_message(&mut self, message: Message) -> Result<(), LaneFailure> {
        match message {
            Message::Command { command, answer } => {
                let is_in_flight = self.execution.invocation_in_flight().is_some();
                self.was_repaired |= is_in_flight && command == Command::FunctionRepaired;
                let reply = match self.apply(command).await {
                    Ok(reply) => reply,
                    Err(failure) => {
                        let _ = answer.send(Err(failure.clone().into()));
                        return Err(failure);
                    }
                };
                // Whoever asked and went away needs no answer.
                let _ = answer.send(reply);
                Ok(())
            }
            Message::InvocationEnded { ended: EndedInvocation { request_id, end, output }, recorded } => {
                if let InvocationEnd::Failed(error) = &end {
                    warn_of_failure(self.execution.arn(), error);
                }
                self.seat.progress.send_modify(|progress| progress.output = Some(output));
                self.handle_invocation_ended(request_id, end).await?;
                let _ = recorded.send(());
                Ok(())
            }
            Message::Read(look) => {
                look(&self.execution);
                Ok(())
            }
        }
    }

    async fn handle_invocation_ended(
        &mut self,
        request_id: String,
        end: InvocationEnd,
    ) -> Result<(), LaneFailure> {
        self.apply_own(Command::InvocationEnded { request_id, end }).await?;
        if take(&mut self.was_repaired) {
            self.apply_own(Command::FunctionRepaired).await?;
        }
        Ok(())
    }

    async fn handle_timer_due(&mut self) -> Result<(), LaneFailure> {
        self.apply_own(Command::TimerDue).await
    }

    /// Applies a command that nobody waits for.
    async fn apply_own(&mut self, command: Command) -> Result<(), LaneFailure> {
        if let Err(error) = self.apply(command).await? {
            tracing::warn!(execution = %self.record.execution_id, %error, "the execution refused what happened to it");
        }
        Ok(())
    }

    async fn apply(&mut self, command: Command) -> Result<Result<Reply, ServiceError>, LaneFailure> {
        let before = self.execution.status().clone();
        let Outcome { events, effects, reply } =
            match self.execution.handle(command, self.seat.lanes.environment()) {
                Ok(outcome) => outcome,
                Err(error) => return Ok(Err(error)),
            };
        let status = self.status_change(&before);
        self.record.append(&events, status, None).await?;
        self.seat.has_recorded |= !events.is_empty();
        self.act(effects);
        Ok(Ok(reply))
    }

    fn status_change(&self, before: &ExecutionStatus) -> Option<StatusChange> {
        let is_changed = self.execution.status() != before;
        is_changed.then(|| status_change(&self.execution, &self.seat.settings))
    }

    fn tell(&self) {
        self.seat.progress.send_modify(|progress| {
            progress.recorded = self.record.sequence;
            if matches!(progress.standing, Standing::Open)
                && let Some(closed) = ClosedExecution::of(&self.execution)
            {
                progress.standing = Standing::Closed(Arc::new(closed));
            }
        });
    }

    /// Whether nothing can happen any more. An execution can end before its last invocation does.
    fn is_over(&self) -> bool {
        self.execution.is_closed() && self.execution.invocation_in_flight().is_none()
    }

    fn is_due(&self) -> bool {
        self.execution.next_due().is_some_and(|due| due <= clock::now())
    }

    fn next_due(&self) -> Option<Instant> {
        let remaining = self.execution.next_due()?.saturating_since(clock::now());
        Some(Instant::now() + remaining.min(LONGEST_SLEEP))
    }
}

/// Nobody else would tell: the execution waits for its next attempt as if nothing had happened.
fn warn_of_failure(arn: &DurableExecutionArn, error: &ErrorObject) {
    let (function, name, error) = (arn.function_name(), arn.execution_name(), error.to_string());
    let error = error.lines().next().unwrap_or_default();
    tracing::warn!(target: FAILED_INVOCATIONS, "{function}: an invocation of {name} failed: {error}");
}
