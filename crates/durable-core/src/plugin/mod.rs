//! Plugins: observers of invocations, their operations and the attempts of these.

mod any_plugin;
mod attempt;
mod hooks;
mod isolated;
mod lifecycle;
mod observed_attempt;
mod observers;
#[expect(clippy::module_inception, reason = "the module is named after its main trait")]
mod plugin;
mod plugins;
mod spans;

pub use durable_engine::{OperationInfo, Operations};
pub use hooks::{
    AttemptEnd, AttemptOutcome, AttemptStart, ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd,
    InvocationInfo, InvocationStatus, OperationEnd, OperationStart, OperationsChange,
};
pub(crate) use lifecycle::Lifecycle;
pub(crate) use observed_attempt::ObservedAttempt;
pub(crate) use observers::Observers;
pub use plugin::Plugin;
pub use plugins::Plugins;
pub(crate) use spans::Spans;
