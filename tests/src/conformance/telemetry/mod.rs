//! AWS's requirements about OpenTelemetry: what spans the functions export, and whether those are as asserted.

mod assertions;
mod collector;
mod conditions;
mod distortion;
mod evaluate;
mod exporter;
#[cfg(test)]
mod fixture;
mod http;
mod links;
mod listing;
mod memory;
mod observation;
mod order;
mod otlp;
mod parent;
mod plugins;
mod selector;
mod span;
mod trace;
mod view;

pub use distortion::run_with_distorted_spans;
pub use http::run_telemetry_over_http;
pub use memory::run_telemetry_in_memory;
pub(crate) use plugins::plugins_from_env;
