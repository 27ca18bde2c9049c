//! Talks to a service that runs elsewhere: on this machine, or AWS Lambda itself.

mod address;
mod answer;
mod api;
mod aws;
mod client;
mod error;
mod execution;
mod logs;
mod options;

pub(super) use answer::Answer;
pub(super) use api::{Action, CallbackAnswer, Invocation, ListQuery, events, execution};
pub(super) use client::Client;
pub(super) use error::RemoteError;
pub(super) use logs::{LogEvent, LogQuery};
pub(super) use options::{ExecutionChoice, ReadOptions, ServiceOptions};
