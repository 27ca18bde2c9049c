//! Requests outside the Lambda API, on the same port: those of tools around it.

mod aws_services;
mod filter_log_events;
mod health;
mod lambda_endpoint;
mod metrics;
mod record;
mod routes;
mod stack;
mod start_execution;

pub(super) use routes::routes;
