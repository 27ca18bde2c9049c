//! `durable callback`: answers a callback that an execution waits for.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use durable_types::ErrorObject;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::remote::{CallbackAnswer, Client, ServiceOptions};
use crate::session::{block_on, print, print_json};

/// Answers a callback. `durable show` lists the ids of pending callbacks.
#[derive(Debug, Args)]
pub(crate) struct CallbackArguments {
    #[command(subcommand)]
    answer: AnswerArguments,
}

#[derive(Debug, Subcommand)]
enum AnswerArguments {
    Succeed(SucceedArguments),
    Fail(FailArguments),
    Heartbeat(HeartbeatArguments),
}

/// Answers with a result.
#[derive(Debug, Args)]
struct SucceedArguments {
    /// The result: a JSON file, JSON text, or - for standard input [default: none].
    #[arg(long, value_name = "FILE|JSON")]
    result: Option<String>,

    // Last, because its heading applies to all options after it.
    #[command(flatten)]
    callback: CallbackChoice,
}

/// Answers with an error.
#[derive(Debug, Args)]
struct FailArguments {
    /// The error message.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// The type of the error.
    #[arg(long, value_name = "TYPE")]
    error_type: Option<String>,

    /// Further error data, as text.
    #[arg(long, value_name = "TEXT")]
    data: Option<String>,

    // Last, because its heading applies to all options after it.
    #[command(flatten)]
    callback: CallbackChoice,
}

/// Sends a heartbeat, which restarts the heartbeat timeout of the callback.
#[derive(Debug, Args)]
struct HeartbeatArguments {
    #[command(flatten)]
    callback: CallbackChoice,
}

#[derive(Debug, Args)]
struct CallbackChoice {
    /// The id of the callback.
    #[arg(value_name = "CALLBACK_ID")]
    id: String,

    /// Prints the outcome as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Answers the callback.
pub(crate) fn callback(arguments: CallbackArguments) -> Result<ExitCode, Failure> {
    let (choice, answer, word) = match arguments.answer {
        AnswerArguments::Succeed(SucceedArguments { callback, result }) => {
            let result = result.as_deref().map(input::read_input).transpose()?;
            (callback, CallbackAnswer::Success(result), "succeeded")
        }
        AnswerArguments::Fail(FailArguments { callback, message, error_type, data }) => {
            let mut error = ErrorObject::default();
            error.error_message = message;
            error.error_type = error_type;
            error.error_data = data;
            (callback, CallbackAnswer::Failure(json!(error)), "failed")
        }
        AnswerArguments::Heartbeat(HeartbeatArguments { callback }) => {
            (callback, CallbackAnswer::Heartbeat, "is still pending")
        }
    };
    block_on(async {
        let client = Client::open(&choice.service).await?;
        Ok(client.answer_callback(&choice.id, answer).await?)
    })?;
    if choice.json {
        print_json(&json!({ "CallbackId": choice.id }))?;
    } else {
        print(&format!("the callback {word}\n"))?;
    }
    Ok(Exit::Done.into())
}
