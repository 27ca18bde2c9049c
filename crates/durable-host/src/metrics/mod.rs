//! What the host counts and measures, in the form of Prometheus metrics.

pub mod buckets;
mod command_counters;
mod function_families;
mod function_metrics;
mod functions_by_name;
mod host_collector;
mod host_metrics;
mod invocation_observer;

pub(crate) use functions_by_name::FunctionsByName;
pub(crate) use host_metrics::HostMetrics;
pub(crate) use invocation_observer::InvocationObserver;
