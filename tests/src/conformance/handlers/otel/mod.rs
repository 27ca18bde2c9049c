//! The handler of the requirements about OpenTelemetry, which performs the scenario that its input names.

mod contexts;
mod invoked;
mod long_running;
mod scenario;
mod steps;
mod suspensions;

pub(crate) use invoked::target;
pub(crate) use scenario::scenarios;
