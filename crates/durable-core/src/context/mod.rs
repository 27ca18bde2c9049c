//! What a handler, and the body of a child context, starts operations with.

#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod context;
mod lambda;
mod options;
mod saga;
mod serdes;
mod values;

pub use context::DurableContext;
