//! The six kinds of operation.

use crate::open_enum::open_enum;

open_enum! {
    /// The kind of an operation ([`Type`] of an Operation).
    ///
    /// [`Type`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
    pub enum OperationType {
        /// The execution itself, which holds the input.
        Execution = "EXECUTION",
        /// A scope that other operations belong to: a child context, a map, an item of it, ...
        Context = "CONTEXT",
        /// Code that ran, with its result.
        Step = "STEP",
        /// Time that passes.
        Wait = "WAIT",
        /// A result that another system delivers.
        Callback = "CALLBACK",
        /// A call of another function.
        ChainedInvoke = "CHAINED_INVOKE",
    }
}
