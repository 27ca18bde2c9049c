//! AWS's conformance requirements: read from a folder, run in process or over HTTP, and checked.

mod actions;
mod aws_runner;
mod catalogue;
mod check;
mod drive;
mod event_names;
mod failure;
mod handler;
mod handlers;
mod history;
mod http;
mod log_lines;
mod logs;
mod memory;
mod plugins;
mod report;
mod requirement;
mod serve;
mod stage;
mod telemetry;
mod value;
mod variables;

pub use aws_runner::run_on_aws_runner;
pub use failure::Failure;
pub use http::{LAUNCH, SERVE, run_over_http};
pub use memory::{run_in_memory, run_with_faulty_plugins};
pub use report::{Report, Verdict};
pub use requirement::{Case, LoadError, load};
pub use serve::serve;
pub use telemetry::{run_telemetry_in_memory, run_telemetry_over_http, run_with_distorted_spans};
