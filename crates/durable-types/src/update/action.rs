//! What an update does to its operation.

use crate::open_enum::open_enum;

open_enum! {
    /// What an update does ([`Action`] of an OperationUpdate).
    ///
    /// [`Action`]: https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
    pub enum OperationAction {
        /// It begins.
        Start = "START",
        /// It ends with a result.
        Succeed = "SUCCEED",
        /// It ends with an error.
        Fail = "FAIL",
        /// It is tried again later.
        Retry = "RETRY",
        /// It is given up.
        Cancel = "CANCEL",
    }
}
