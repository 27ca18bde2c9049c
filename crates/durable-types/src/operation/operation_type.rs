//! The types of operations.

use crate::open_enum::open_enum;

open_enum! {
    /// The type of an operation ([`Type`] of an Operation).
    ///
    /// [`Type`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
    pub enum OperationType {
        /// The execution itself, which contains the input.
        Execution = "EXECUTION",
        /// A context that contains other operations: a child context, a map, an item of a map, ...
        Context = "CONTEXT",
        /// Code with a recorded result.
        Step = "STEP",
        /// A wait.
        Wait = "WAIT",
        /// A result that an external system delivers.
        Callback = "CALLBACK",
        /// An invocation of another function.
        ChainedInvoke = "CHAINED_INVOKE",
    }
}
