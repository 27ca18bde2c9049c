//! The connection of functions to the service of a test, and its faults.

use std::time::Duration;

use durable_core::transport::{Transport, TransportError};
use durable_service::{Command, Execution, InvocationEnd, Reply};
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};
use durable_types::{DurableExecutionArn, Timestamp};
use tokio::time::Instant;

use super::world::{State, World, unknown};
use crate::crash::timed_out;
use crate::disturbance::give_way;
use crate::fault::Fault;

/// The virtual time that each record takes: a checkpoint, the answer to a callback, the end of a call.
const TICK: Duration = Duration::from_micros(1);

/// The exclusive limit on the random number of runtime turns that a request takes each way.
const TURNS: usize = 4;

impl Transport for World {
    fn now(&self) -> Timestamp {
        self.with(|state| {
            state.moved = Instant::now();
            state.now
        })
    }

    fn timestamp_resolution(&self) -> Duration {
        Duration::ZERO
    }

    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        give_way(self.throw(TURNS)).await;
        let response = self.with(|state| state.checkpoint(request));
        give_way(self.throw(TURNS)).await;
        response
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        give_way(self.throw(TURNS)).await;
        let page = self.with(|state| state.state(&request));
        give_way(self.throw(TURNS)).await;
        page
    }
}

impl State {
    /// Receives a request of this execution. Returns the fault to apply, unless the request is already lost.
    fn arrive(
        &mut self,
        execution_arn: &str,
    ) -> Result<(DurableExecutionArn, Option<Fault>), TransportError> {
        self.arrived += 1;
        let fault = self.disturbances.fault(self.arrived);
        let arn = self.execution(execution_arn).map(|execution| execution.arn().clone());
        let arn = arn.ok_or_else(|| self.rejected(unknown("execution", execution_arn)))?;
        match fault {
            Some(Fault::LostRequest) => return Err(TransportError::invocation("the request got lost")),
            Some(Fault::TimedOut) => self.give_up(execution_arn),
            Some(Fault::LostAnswer) => self.decide_fate(&arn, Fault::LostAnswer),
            Some(Fault::LostResponse | Fault::WithheldToken) | None => {}
        }
        Ok((arn, fault))
    }

    /// Times out the invocation in flight.
    fn give_up(&mut self, execution_arn: &str) {
        let in_flight = self.execution(execution_arn).and_then(Execution::invocation_in_flight);
        let Some(request_id) = in_flight.map(str::to_owned) else { return };
        let error = timed_out(&request_id);
        self.drive(|dispatcher, environment| {
            dispatcher.handle_invocation_ended(&request_id, InvocationEnd::Failed(error), environment);
        });
    }

    /// Advances the clock before something is recorded, so that nothing is recorded at the time of anything else.
    pub(super) fn tick(&mut self) {
        self.now = self.now.saturating_add(TICK);
    }

    fn checkpoint(&mut self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let (arn, fault) = self.arrive(&request.durable_execution_arn)?;
        if request.updates.is_empty() {
            self.catch_up();
        }
        // Whatever one checkpoint records started after what the previous one recorded had ended.
        self.tick();
        let reply = self.command(&arn, Command::Checkpoint(request)).map_err(|error| self.rejected(error))?;
        let Reply::Checkpointed(mut response) = reply else {
            return Err(TransportError::execution("the service did not answer a checkpoint as one"));
        };
        self.recorded += 1;
        match fault {
            Some(Fault::LostResponse) => return Err(TransportError::invocation("the response got lost")),
            Some(Fault::WithheldToken) => {
                response.checkpoint_token = None;
                self.decide_fate(&arn, Fault::WithheldToken);
            }
            Some(Fault::LostRequest | Fault::TimedOut | Fault::LostAnswer) | None => {}
        }
        Ok(response)
    }

    fn state(&mut self, request: &GetStateRequest) -> Result<GetStateResponse, TransportError> {
        let (_, fault) = self.arrive(&request.durable_execution_arn)?;
        let execution = self.execution(&request.durable_execution_arn);
        let execution = execution.ok_or_else(|| unknown("execution", &request.durable_execution_arn));
        let page = execution.and_then(|execution| execution.state_page(request, &self.settings));
        match (page, fault) {
            (Err(error), _) => Err(self.rejected(error)),
            (Ok(_), Some(Fault::LostResponse)) => Err(TransportError::invocation("the response got lost")),
            (Ok(page), _) => Ok(page),
        }
    }

    /// Notes a rejection and converts it for the function.
    fn rejected(&mut self, error: ServiceError) -> TransportError {
        self.refusals.push(error.clone());
        error.into()
    }
}
