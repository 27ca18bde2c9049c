//! What the service answers compat the Lambda API, on the same port: what tools around it ask for.

mod filter_log_events;
mod lambda_endpoint;
mod record;
mod route;
mod stack;
mod start_execution;

pub(super) use route::CompatRoute;
