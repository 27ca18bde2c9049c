//! The context in which a handler or the body of a child context starts operations.

#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod context;
mod lambda;
mod options;
mod saga;
mod serdes;
mod values;

pub use context::DurableContext;
