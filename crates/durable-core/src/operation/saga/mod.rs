//! Sagas: steps that are undone, newest first, when a later one fails.

mod compensation;
mod compensations;
mod context;
mod operation;
mod outcome;
mod step;
mod undo;

pub use compensation::Compensation;
pub use context::SagaContext;
pub use operation::Saga;
pub use step::{CompensatedStep, SagaStep};
