//! Calls of other functions: makes them for an execution and tells it how they ended.

use std::sync::Arc;

use durable_service::{ChainedInvokeEnd, Command, FunctionCall, Payload, StartExecution};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ErrorObject};
use tokio::time::sleep;

use super::failure::LaneFailure;
use super::handle::LaneHandle;
use super::lanes::{Lanes, Start, StartFailure};
use super::progress::Standing;
use super::retry::Retries;
use crate::causes::with_causes;
use crate::random;
use crate::service::RunningFunction;

/// Why a call has no end that could be told.
enum Unmade {
    /// It cannot be made, which is its end.
    Refused(ErrorObject),
    /// The service stops, or cannot go on with the execution that was called. The next one makes the call again.
    Interrupted,
    /// The execution that was called cannot go on now. Its call is made again.
    Delayed,
}

impl Lanes {
    /// Makes a call without waiting for its end, which `caller` is told.
    ///
    /// Nothing but the caller's record says that the call is made: the next process makes it again. An execution that
    /// it started is then found by its ARN; a plain function is invoked again, as an invocation that was lost is.
    pub(super) fn call(&self, call: FunctionCall, from: &DurableExecutionArn, caller: LaneHandle) {
        if let Some(arn) = call.durable_execution_arn.clone() {
            self.run_beside(self.clone().call_durable(arn, call, caller));
            return;
        }
        let function = self.function(&call.function_name).cloned();
        let arn = function_arn(from, &call);
        self.run_beside(call_plain(function, arn, call, caller));
    }

    async fn call_durable(self, arn: DurableExecutionArn, call: FunctionCall, caller: LaneHandle) {
        let operation_id = call.operation_id.clone();
        let mut retries = Retries::default();
        let end = loop {
            let made = match self.begin(&arn, call.clone()).await {
                Ok(()) => self.end(&arn).await,
                Err(unmade) => Err(unmade),
            };
            match made {
                Ok(end) => break end,
                Err(Unmade::Refused(error)) => break ChainedInvokeEnd::Failed(error),
                Err(Unmade::Interrupted) => return,
                Err(Unmade::Delayed) => {}
            }
            sleep(retries.delay()).await;
            retries = retries.next();
        };
        tell(&caller, operation_id, end).await;
    }

    /// Starts the execution of a call, or makes it go on if it was started already.
    async fn begin(&self, arn: &DurableExecutionArn, call: FunctionCall) -> Result<(), Unmade> {
        let row = self.row(arn).await.map_err(|failure| interrupted(arn, &failure))?;
        let is_known = row.is_some();
        if row.is_some_and(|row| row.ended_at.is_some()) {
            return Ok(());
        }
        let Some(function) = self.function(&call.function_name).cloned() else {
            if !is_known {
                return Err(not_found(&call.function_name));
            }
            let function = call.function_name;
            tracing::warn!(execution = arn.as_str(), function, "it goes on when its function is back");
            return Err(Unmade::Interrupted);
        };
        if is_known {
            self.resume(arn, function);
            return Ok(());
        }
        function.check_tenant(&call.headers).map_err(refused)?;
        let request = StartExecution {
            execution_arn: arn.clone(),
            input: call.input.map(Payload::into_string),
            durable_config: function.durable_config.clone(),
            synchronous: false,
            headers: call.headers,
            seed: random::seed(),
        };
        match self.start(request, function).await {
            Ok(Start::Started | Start::NameTaken) => Ok(()),
            Err(StartFailure::Refused(error)) if error.kind == ServiceErrorKind::Service => {
                Err(Unmade::Interrupted)
            }
            Err(StartFailure::Refused(error)) => Err(refused(error)),
            Err(StartFailure::Failed(failure)) => Err(interrupted(arn, &failure)),
        }
    }

    /// Waits for the end of an execution.
    async fn end(&self, arn: &DurableExecutionArn) -> Result<ChainedInvokeEnd, Unmade> {
        let progress = self.live(arn).map(|lane| lane.progress());
        if let Some(mut progress) = progress {
            let seen = progress.wait_for(|progress| !matches!(progress.standing, Standing::Open)).await;
            let standing = seen.map_err(|_| Unmade::Interrupted)?.standing.clone();
            if let Standing::Failed(failure) = standing {
                return Err(interrupted(arn, &failure));
            }
        }
        let ended =
            self.read(arn, ChainedInvokeEnd::of).await.map_err(|failure| interrupted(arn, &failure))?;
        // One that is recorded, has not ended and has no lane failed just now.
        ended.ok_or(Unmade::Interrupted)?.ok_or(Unmade::Delayed)
    }
}

async fn call_plain(
    function: Option<Arc<RunningFunction>>,
    function_arn: String,
    call: FunctionCall,
    caller: LaneHandle,
) {
    let allowed = function.map(|function| function.check_tenant(&call.headers).map(|()| function));
    let end = match allowed {
        Some(Err(error)) => {
            let error = ErrorObject::new(error.kind.as_str(), error.message);
            Some(ChainedInvokeEnd::Failed(error))
        }
        Some(Ok(function)) => {
            let input = call.input.map(Payload::into_string).unwrap_or_else(|| "null".to_owned());
            function.run(input.into(), function_arn, call.headers).await.map(end_of_answer)
        }
        None => match not_found(&call.function_name) {
            Unmade::Refused(error) => Some(ChainedInvokeEnd::Failed(error)),
            Unmade::Interrupted | Unmade::Delayed => None,
        },
    };
    // Without one the service stops.
    if let Some(end) = end {
        tell(&caller, call.operation_id, end).await;
    }
}

fn end_of_answer(answer: Result<bytes::Bytes, ErrorObject>) -> ChainedInvokeEnd {
    match answer.map(|body| String::from_utf8(body.to_vec())) {
        Ok(Ok(result)) => ChainedInvokeEnd::Succeeded(Some(result)),
        Ok(Err(_)) => {
            let message = "CHAINED_INVOKE response could not be decoded as UTF-8.";
            ChainedInvokeEnd::Failed(ErrorObject::new("InvalidParameterValueException", message))
        }
        Err(error) => ChainedInvokeEnd::Failed(error),
    }
}

/// Tells the end of a call. A lane that is gone needs it no more, or its successor makes the call again.
async fn tell(caller: &LaneHandle, operation_id: String, end: ChainedInvokeEnd) {
    if let Ok(Err(error)) = caller.command(Command::ChainedInvokeEnded { operation_id, end }).await {
        tracing::debug!(%error, "the end of a call came too late");
    }
}

fn refused(error: ServiceError) -> Unmade {
    Unmade::Refused(ErrorObject::new(error.kind.as_str(), error.message))
}

fn not_found(function_name: &str) -> Unmade {
    let message = format!("Function not found: {function_name}.");
    Unmade::Refused(ErrorObject::new("ResourceNotFoundException", message))
}

fn interrupted(arn: &DurableExecutionArn, failure: &LaneFailure) -> Unmade {
    let error = with_causes(failure);
    if failure.may_pass() {
        tracing::warn!(execution = arn.as_str(), error, "a call of a function is made again");
        return Unmade::Delayed;
    }
    tracing::error!(execution = arn.as_str(), error, "a call of a function cannot go on");
    Unmade::Interrupted
}

/// The ARN of a function that is called, which stands in the account and region of its caller.
fn function_arn(from: &DurableExecutionArn, call: &FunctionCall) -> String {
    let (partition, region, account) = (from.partition(), from.region(), from.account_id());
    format!("arn:{partition}:lambda:{region}:{account}:function:{}:{}", call.function_name, call.version)
}
