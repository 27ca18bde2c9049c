//! The client of a service: a local one in another process, or AWS Lambda.

mod address;
mod answer;
mod api;
mod aws;
mod client;
mod endpoint;
mod error;
mod execution;
mod logs;
mod options;
mod request;

pub(crate) use answer::Answer;
pub(crate) use api::{Action, CallbackAnswer, Invocation, ListQuery, events, execution};
pub(crate) use client::Client;
pub(crate) use error::RemoteError;
pub(crate) use execution::ExecutionChoice;
pub(crate) use logs::{LogEvent, LogQuery};
pub(crate) use options::{ReadOptions, ServiceOptions};
