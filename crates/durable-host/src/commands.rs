//! Sends requests to the dispatcher, and waits for their answers.

use durable_service::{
    Answer, CallbackAnswer, Command, Dispatcher, Environment, ExecutionId, ExecutionName, Reply,
    StartRequest, StartedExecution, callback_execution_id,
};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use tokio::sync::oneshot;

use crate::command_kind::CommandKind;
use crate::host::{Host, Token};
use crate::spans::{self, CommandSpan};

impl Host {
    /// Starts an execution, or finds the existing one with the same name and input.
    pub(crate) async fn start_request(
        &self,
        request: StartRequest,
    ) -> Result<StartedExecution, ServiceError> {
        let kind = CommandKind::Start;
        let span = CommandSpan::begin(spans::command_to_unknown(kind));
        let command = span.map(|span| (span, ExecutionId::from(request.execution_id.as_str())));
        let answer = self.handle_command(kind, command.as_ref(), |dispatcher, token, environment| {
            dispatcher.start(request, token, environment);
        });
        match answer.await? {
            Answer::Started(started) => {
                if let Some((command, _)) = command {
                    spans::record_execution(&command.span, &started.arn);
                }
                Ok(started)
            }
            Answer::Done(_) | Answer::Readable | Answer::Unknown => Err(unexpected_answer("a start")),
        }
    }

    /// Finds an execution by name, and resumes it unless it has ended.
    pub async fn find(&self, name: &ExecutionName) -> Result<Option<StartedExecution>, ServiceError> {
        match self.request(|dispatcher, token, _| dispatcher.find(name, token)).await? {
            Answer::Started(started) => Ok(Some(started)),
            Answer::Unknown => Ok(None),
            Answer::Done(_) | Answer::Readable => Err(unexpected_answer("a name")),
        }
    }

    /// Executes a command on an execution. Returns `None` if there is no such execution.
    pub async fn command(
        &self,
        arn: &DurableExecutionArn,
        command: Command,
    ) -> Result<Option<Reply>, ServiceError> {
        let kind = CommandKind::from(&command);
        let span = CommandSpan::begin(spans::command(kind, arn));
        let span = span.map(|span| (span, ExecutionId::from(arn)));
        let answer = self.handle_command(kind, span.as_ref(), |dispatcher, token, environment| {
            dispatcher.command(arn, command, token, environment);
        });
        done(answer.await?)
    }

    /// Completes a callback or extends it with a heartbeat. Returns `None` if there is no such execution.
    pub async fn callback(
        &self,
        callback_id: String,
        answer: CallbackAnswer,
    ) -> Result<Option<Reply>, ServiceError> {
        let kind = CommandKind::Callback;
        let command = CommandSpan::begin(spans::command_to_unknown(kind)).map(|span| {
            let id = callback_execution_id(&callback_id).unwrap_or_default();
            (span, ExecutionId::from(id.as_str()))
        });
        let answer = self.handle_command(kind, command.as_ref(), |dispatcher, token, environment| {
            dispatcher.callback(callback_id, answer, token, environment);
        });
        let answer = answer.await;
        if let Some((command, id)) = command {
            self.with(|state| {
                let execution = state.dispatcher.resident(&id);
                execution.map(|execution| spans::record_execution(&command.span, execution.arn()))
            });
        }
        done(answer?)
    }

    /// Sends a request to the dispatcher and waits for its answer.
    pub(crate) async fn request(
        &self,
        f: impl FnOnce(&mut Dispatcher<Token>, Token, Environment<'_>),
    ) -> Result<Answer, ServiceError> {
        let (token, answer) = oneshot::channel();
        self.drive(|dispatcher, environment| f(dispatcher, token, environment));
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Sends a command to the dispatcher, on behalf of a caller that waits for the answer.
    async fn handle_command(
        &self,
        kind: CommandKind,
        command: Option<&(CommandSpan, ExecutionId)>,
        f: impl FnOnce(&mut Dispatcher<Token>, Token, Environment<'_>),
    ) -> Result<Answer, ServiceError> {
        self.metrics().commands.count(kind);
        let Some((command, execution)) = command else { return self.request(f).await };
        let (token, answer) = oneshot::channel();
        let cause = Some(command.cause(execution));
        let drive = || self.drive_for(cause, |dispatcher, environment| f(dispatcher, token, environment));
        command.span.in_scope(drive);
        let answer = answer.await.unwrap_or_else(|_| Err(stopping()));
        let cause = command.cause(execution);
        self.with(|state| state.pending_causes.remove(&cause));
        command.end(match &answer {
            Ok(Answer::Unknown) => "unknown",
            Ok(Answer::Done(_) | Answer::Started(_) | Answer::Readable) => "ok",
            Err(_) => "rejected",
        });
        answer
    }
}

fn done(answer: Answer) -> Result<Option<Reply>, ServiceError> {
    match answer {
        Answer::Done(reply) => Ok(Some(reply)),
        Answer::Unknown => Ok(None),
        Answer::Started(_) | Answer::Readable => Err(unexpected_answer("a command")),
    }
}

fn unexpected_answer(request: &str) -> ServiceError {
    let message = format!("unexpected answer to {request}; this is a bug in durable");
    ServiceError::new(ServiceErrorKind::Service, message)
}

fn stopping() -> ServiceError {
    ServiceError::new(ServiceErrorKind::Service, "the service is being stopped")
}
