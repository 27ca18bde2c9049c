//! The state of one durable execution, as a fold of its events.

use std::fmt;
use std::time::Duration;

use durable_types::api::{GetStateRequest, GetStateResponse, PauseDetails, ServiceError};
use durable_types::limits::{DEFAULT_PAGE_ITEMS, MAX_EXECUTION_SECONDS, MAX_PAGE_ITEMS};
use durable_types::{
    DurableConfig, DurableExecutionArn, ErrorObject, ExecutionDetails, ExecutionStatus, Operation,
    OperationStatus, OperationType, Timestamp,
};

use crate::checkpoint::Checkpoints;
use crate::checkpoint_token::{CheckpointToken, INVALID_CHECKPOINT_TOKEN};
use crate::event::{Checkpointed, Event, ExecutionEnded, ExecutionStarted};
use crate::function_call::FunctionCall;
use crate::headers::InvocationHeaders;
use crate::invocation::Invocations;
use crate::operation::reject;
use crate::page::{Marker, PageLimits, page};
use crate::pauses::Pauses;
use crate::payload::Payload;
use crate::records::Records;
use crate::seed::Seed;
use crate::settings::Settings;

const DAY: Duration = Duration::from_secs(86_400);

/// One durable execution, as a fold of its events.
///
/// # Invariants
/// - At most one invocation is in flight.
/// - Once the execution has ended, its operations no longer change.
/// - A rejected command changes nothing.
#[derive(Clone, PartialEq)]
pub struct Execution {
    arn: DurableExecutionArn,
    durable_config: DurableConfig,
    execution_timeout: u32,
    synchronous: bool,
    headers: InvocationHeaders,
    pub(crate) seed: Seed,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    /// The number of events. Replaced events do not count again.
    event_count: u64,
    /// The latest time of an event. It never decreases, even if the clock is set back. Neither do the times of the events
    /// in their order, except that a heartbeat replaces an earlier one and may be later than the events that follow.
    latest: Timestamp,
    status: ExecutionStatus,
    result: Option<String>,
    error: Option<ErrorObject>,
    pub(crate) records: Records,
    pub(crate) invocations: Invocations,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) pauses: Pauses,
    deleting_since: Option<Timestamp>,
    /// The total size in bytes of inputs, results and errors.
    data_bytes: usize,
}

impl Execution {
    /// Creates the state after the first event.
    pub(crate) fn new(started: ExecutionStarted) -> Self {
        let id = started.execution_arn.execution_id();
        let mut operation = Operation::new(id, OperationType::Execution, OperationStatus::Started);
        operation.start_timestamp = Some(started.at);
        let input_payload = started.input.map(Payload::into_string);
        let data_bytes = input_payload.as_ref().map_or(0, String::len);
        operation.details = Some(ExecutionDetails::new(input_payload).into());
        Self {
            arn: started.execution_arn,
            durable_config: started.durable_config,
            execution_timeout: started.execution_timeout,
            synchronous: started.synchronous,
            headers: started.headers,
            seed: started.seed,
            started_at: started.at,
            ended_at: None,
            event_count: 1,
            latest: started.at,
            status: ExecutionStatus::Running,
            result: None,
            error: None,
            records: Records::new(operation),
            invocations: Invocations::default(),
            checkpoints: Checkpoints::default(),
            pauses: Pauses::default(),
            deleting_since: None,
            data_bytes,
        }
    }

    /// Returns a page of the recorded operations to the invocation in flight.
    pub fn state_page(
        &self,
        request: &GetStateRequest,
        settings: &Settings,
    ) -> Result<GetStateResponse, ServiceError> {
        self.check_token(&request.checkpoint_token)?;
        let marker = request.marker.as_deref().filter(|marker| !marker.is_empty());
        let Ok(marker) = marker.map_or(Ok(Marker::default()), str::parse) else {
            return reject("Invalid marker");
        };
        let items = match request.max_items {
            None | Some(0) => DEFAULT_PAGE_ITEMS,
            Some(items) => items.min(MAX_PAGE_ITEMS),
        };
        let limits = PageLimits {
            items: usize::try_from(items).unwrap_or(usize::MAX),
            bytes: settings.response_page_bytes,
        };
        let operations = self.records.since(marker.since, marker.position);
        let (operations, next_marker) = page(marker.since, operations, limits);
        Ok(GetStateResponse::new(operations, next_marker))
    }

    /// Returns the time of the next timer: a wait or a delay elapses, the function is retried, a callback times out, or
    /// the execution times out. Returns `None` once the execution has ended.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.is_closed() {
            return None;
        }
        let retry_at = self.invocations.retry_at().filter(|_| !self.pauses.is_requested());
        let due = [self.records.next_due(), retry_at, Some(self.deadline())];
        due.into_iter().flatten().min()
    }

    /// Returns the request id of the invocation in flight, which may outlive an execution that has timed out.
    pub fn invocation_in_flight(&self) -> Option<&str> {
        self.invocations.in_flight().map(|invocation| invocation.request_id.as_str())
    }

    /// Returns the ARN.
    pub fn arn(&self) -> &DurableExecutionArn {
        &self.arn
    }

    /// Returns the status.
    pub fn status(&self) -> &ExecutionStatus {
        if self.deleting_since.is_some() { &ExecutionStatus::Deleting } else { &self.status }
    }

    /// Returns the status, ignoring a pending deletion.
    pub(crate) fn status_before_deletion(&self) -> &ExecutionStatus {
        &self.status
    }

    /// Returns whether the execution has ended.
    pub fn is_closed(&self) -> bool {
        self.status.is_terminal()
    }

    /// Returns the input.
    pub fn input(&self) -> Option<&str> {
        self.records.execution()?.execution_details()?.input_payload.as_deref()
    }

    /// Returns the result, if the execution succeeded with one.
    pub fn result(&self) -> Option<&str> {
        self.result.as_deref()
    }

    /// Returns the error, if the execution ended with one.
    pub fn error(&self) -> Option<&ErrorObject> {
        self.error.as_ref()
    }

    /// Returns the number of events, which is that of the last one.
    pub(crate) fn event_count(&self) -> u64 {
        self.event_count
    }

    /// Returns the latest time of an event.
    pub(crate) fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Returns when the execution started.
    pub fn start_timestamp(&self) -> Timestamp {
        self.started_at
    }

    /// Returns when the execution ended.
    pub fn end_timestamp(&self) -> Option<Timestamp> {
        self.ended_at
    }

    /// Returns the durable settings of the function as of the start.
    pub fn durable_config(&self) -> &DurableConfig {
        &self.durable_config
    }

    /// Returns the execution timeout in seconds.
    pub fn execution_timeout(&self) -> u32 {
        self.execution_timeout
    }

    /// Returns when the execution times out, or would have.
    ///
    /// Pauses extend the deadline unless their requests say otherwise, but no execution lasts longer than 366 days.
    pub fn deadline(&self) -> Timestamp {
        let last = self.started_at.saturating_add(Duration::from_secs(MAX_EXECUTION_SECONDS.into()));
        if self.pauses.suspends_timeout() {
            return last;
        }
        let timeout = Duration::from_secs(self.execution_timeout.into());
        self.started_at.saturating_add(timeout).saturating_add(self.pauses.paused_timeout()).min(last)
    }

    /// Returns the details of the requested or effective pause, if there is one.
    pub fn pause_details(&self) -> Option<PauseDetails> {
        self.pauses.details()
    }

    /// Returns when the deletion was requested, if it was.
    pub fn deletion_timestamp(&self) -> Option<Timestamp> {
        self.deleting_since
    }

    /// Returns when the retention expires, or `None` if the execution has not ended.
    pub fn expires_at(&self, settings: &Settings) -> Option<Timestamp> {
        let days = self.durable_config().retention_period_in_days;
        let retention = DAY.saturating_mul(days.unwrap_or(settings.default_retention_days));
        self.end_timestamp().map(|ended_at| ended_at.saturating_add(retention))
    }

    /// Returns whether a caller waits for the result.
    pub fn is_synchronous(&self) -> bool {
        self.synchronous
    }

    /// Returns the headers that every invocation receives with the payload.
    pub fn headers(&self) -> &InvocationHeaders {
        &self.headers
    }

    /// Returns all operations in the order in which they started, beginning with the execution itself. Operations
    /// inside contexts that have ended are included.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.records.iter()
    }

    /// Returns the operation with this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.records.find(id)
    }

    /// Returns the open calls of other functions.
    ///
    /// A process that takes over an execution repeats them, as if each had just been returned as
    /// [`Effect::InvokeFunction`](crate::Effect::InvokeFunction).
    pub fn calls(&self) -> impl Iterator<Item = &FunctionCall> {
        let is_open = !self.is_closed();
        self.records.calls().filter(move |_| is_open)
    }

    /// Returns the total size in bytes of all inputs, results and errors written so far.
    pub fn data_bytes(&self) -> usize {
        self.data_bytes
    }

    /// Returns the number of invocations so far.
    pub fn invocation_count(&self) -> u64 {
        self.invocations.count()
    }

    /// Returns the token with which the invocation in flight may checkpoint and read, if there is one.
    pub(crate) fn token(&self) -> Option<&CheckpointToken> {
        self.invocations.in_flight()?.token.as_ref().filter(|_| !self.is_closed())
    }

    /// Rejects a token other than that of the invocation in flight.
    pub(crate) fn check_token(&self, token: &str) -> Result<(), ServiceError> {
        if self.token().is_some_and(|expected| expected.matches(token)) {
            Ok(())
        } else {
            reject(INVALID_CHECKPOINT_TOKEN)
        }
    }

    /// Returns whether checkpoints are recorded but get an empty response, because of a pause.
    pub(crate) fn interrupts_checkpoints(&self) -> bool {
        self.pauses.is_requested() && !self.is_closed()
    }

    /// Applies the next event.
    pub(crate) fn apply(&mut self, event: Event) {
        self.event_count = self.event_count.saturating_add(1);
        self.apply_at(self.event_count, event);
    }

    /// Applies the event with this number, which may be one that replaces an earlier event. No other method changes an
    /// execution.
    ///
    /// Only heartbeats are replaced. Replaying the record then applies the later heartbeat ahead of the events between the
    /// two. The state is the same, because a heartbeat changes nothing but the timer of its callback, on which no event
    /// depends until the callback ends.
    pub(crate) fn apply_at(&mut self, sequence: u64, event: Event) {
        self.latest = self.latest.max(event.at());
        match event {
            // The first event creates the execution; replay rejects another.
            Event::ExecutionStarted(_) => {}
            Event::InvocationStarted(started) => {
                let token = self.next_token(started.number);
                self.invocations.begin(started, token);
                self.records.advance_watermark();
            }
            Event::InvocationCompleted(completed) => self.invocations.complete(&completed),
            Event::OperationChanged(changed) => {
                self.data_bytes = self.data_bytes.saturating_add(changed.change.data_len());
                self.records.change(sequence, changed);
            }
            Event::Checkpointed(checkpointed) => self.remember_checkpoint(checkpointed),
            Event::PauseRequested(requested) => {
                self.pauses.request(requested);
                self.status = self.pauses.execution_status();
            }
            Event::ExecutionPaused(paused) => {
                self.pauses.take_effect(paused.at);
                self.status = self.pauses.execution_status();
            }
            Event::ExecutionResumed(resumed) => {
                self.pauses.resume(resumed);
                self.status = self.pauses.execution_status();
            }
            Event::ExecutionEnded(ended) => self.end(ended),
            Event::DeletionRequested(requested) => self.deleting_since = Some(requested.at),
        }
    }

    /// Applies an accepted checkpoint: the function has now received the entire delta.
    ///
    /// While a pause is requested, the response is empty and has no token. Such a checkpoint is not cached: if its
    /// response is lost, the retry is rejected, which also stops the invocation from recording.
    fn remember_checkpoint(&mut self, checkpointed: Checkpointed) {
        self.checkpoints.accept();
        let has_next = !self.is_closed() && !self.pauses.is_requested();
        let token = has_next.then(|| self.next_token(self.invocations.count()));
        let spent_token = self.invocations.renew_token(token.clone());
        if self.interrupts_checkpoints() {
            return;
        }
        self.checkpoints.remember(checkpointed, spent_token, token, &self.records);
        self.records.advance_watermark();
    }

    /// Derives the token for the next checkpoint of an invocation.
    fn next_token(&self, invocation: u64) -> CheckpointToken {
        CheckpointToken::derive(&self.seed, self.arn(), invocation, self.checkpoints.count())
    }

    fn end(&mut self, ended: ExecutionEnded) {
        self.data_bytes = self.data_bytes.saturating_add(ended.end.data_len());
        self.records.end(&ended.end, ended.at);
        self.status = ended.end.execution_status();
        self.ended_at = Some(ended.at);
        self.pauses.end(ended.at);
        (self.result, self.error) = ended.end.into_parts();
    }
}

/// Redacts payloads and tokens.
impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution")
            .field("arn", &self.arn)
            .field("status", &self.status)
            .field("operations", &self.records.len())
            .field("checkpoints", &self.checkpoints.count())
            .field("invocations", &self.invocations)
            .finish_non_exhaustive()
    }
}
