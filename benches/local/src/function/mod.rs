//! The measured functions: the same steps, written with each SDK.

mod lambda;

pub use lambda::serve_lambda;
