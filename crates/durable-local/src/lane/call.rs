//! Calls of other functions: makes them for an execution and tells it how they ended.

use durable_service::{ChainedInvokeEnd, Command, FunctionCall, Payload, StartExecution};
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ErrorObject};
use tokio::time::sleep;

use super::failure::LaneFailure;
use super::lanes::{Lanes, Start, StartFailure};
use super::progress::Standing;
use super::retry::Retries;
use super::under_way::Begun;
use crate::causes::with_causes;
use crate::random;

/// A call by its caller and its operation there.
type CallId = (DurableExecutionArn, String);

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
    /// Makes a call without waiting for its end, which the caller is told, unless an earlier lane of the caller makes it.
    ///
    /// Nothing but the caller's record says that the call is made: the next process makes it again. An execution that
    /// it started is then found by its ARN; a plain function is invoked again, as an invocation that was lost is.
    pub(super) fn call(&self, call: FunctionCall, caller: &DurableExecutionArn) {
        let id = (caller.clone(), call.operation_id.clone());
        let Some(under_way) = self.calls().begin(id) else { return };
        match call.durable_execution_arn.clone() {
            Some(arn) => self.run_beside(self.clone().call_durable(arn, call, under_way)),
            None => self.run_beside(self.clone().call_plain(call, under_way)),
        }
    }

    async fn call_durable(self, arn: DurableExecutionArn, call: FunctionCall, under_way: Begun<CallId>) {
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
        self.tell(&under_way, end).await;
    }

    async fn call_plain(self, call: FunctionCall, under_way: Begun<CallId>) {
        let end = match self.function(&call.function_name).cloned() {
            Some(function) => match function.check_tenant(&call.headers) {
                Ok(()) => {
                    let function_arn = function_arn(&under_way.id().0, &call);
                    let input = call.input.map(Payload::into_string).unwrap_or_else(|| "null".to_owned());
                    let answer = function.run(input.into(), function_arn, call.headers).await;
                    // Without one the service stops.
                    let Some(answer) = answer else { return };
                    end_of_answer(answer)
                }
                Err(error) => ChainedInvokeEnd::Failed(error_object(error)),
            },
            None => ChainedInvokeEnd::Failed(not_found(&call.function_name)),
        };
        self.tell(&under_way, end).await;
    }

    /// Tells the end of a call, as soon as the caller has a lane that records it.
    async fn tell(&self, call: &Begun<CallId>, end: ChainedInvokeEnd) {
        let mut retries = Retries::default();
        while !self.is_told(call, &end).await {
            sleep(retries.delay()).await;
            retries = retries.next();
        }
    }

    /// Tells the end of a call to the caller as it runs now. False: it may need to be told later.
    async fn is_told(&self, call: &Begun<CallId>, end: &ChainedInvokeEnd) -> bool {
        let Some(lane) = self.live(&call.id().0) else {
            let row = self.row(&call.id().0).await;
            return row.is_ok_and(|row| row.is_none_or(|row| row.ended_at.is_some()));
        };
        let operation_id = call.id().1.clone();
        match lane.command(Command::ChainedInvokeEnded { operation_id, end: end.clone() }).await {
            Ok(Ok(_)) => true,
            // Its lane fails, or is gone.
            Ok(Err(ServiceError { kind: ServiceErrorKind::Service, .. })) | Err(_) => false,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the end of a call came too late");
                true
            }
        }
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
                return Err(Unmade::Refused(not_found(&call.function_name)));
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
            durable_config: function.description.durable_config.clone(),
            synchronous: false,
            headers: call.headers,
            seed: random::seed(),
        };
        match self.start(request, function).await {
            Ok(Start::Started(_) | Start::NameTaken) => Ok(()),
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

fn refused(error: ServiceError) -> Unmade {
    Unmade::Refused(error_object(error))
}

fn error_object(error: ServiceError) -> ErrorObject {
    ErrorObject::new(error.kind.as_str(), error.message)
}

fn not_found(function_name: &str) -> ErrorObject {
    let message = format!("Function not found: {function_name}.");
    ErrorObject::new("ResourceNotFoundException", message)
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
