//! The actions of updates.

use crate::open_enum::open_enum;

open_enum! {
    /// The action of an update ([`Action`] of an OperationUpdate).
    ///
    /// [`Action`]: https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
    pub enum OperationAction {
        /// Starts the operation.
        Start = "START",
        /// Ends the operation with a result.
        Succeed = "SUCCEED",
        /// Ends the operation with an error.
        Fail = "FAIL",
        /// Retries the operation after a delay.
        Retry = "RETRY",
        /// Cancels the operation.
        Cancel = "CANCEL",
    }
}
