//! Validation of single values: names, ids and durations.
//!
//! Each function checks one value and returns its violation. Requests have a `validate` method, which returns all
//! violations at once.
//!
//! ```
//! use durable_types::validate;
//!
//! assert!(validate::operation_name("charge the card").is_ok());
//! assert_eq!(
//!     validate::wait_seconds(0).unwrap_err().to_string(),
//!     "WaitOptions.WaitSeconds must be 1 to 31622400, but is 0"
//! );
//! ```

mod check;
mod error_object;
mod function_name;
mod number;
mod text;

pub(crate) use check::Check;
pub use number::{
    callback_heartbeat_timeout_seconds, callback_timeout_seconds, execution_timeout_seconds, max_items,
    next_attempt_delay_seconds, retention_days, wait_seconds,
};
pub(crate) use text::TextRule;
pub use text::{
    callback_id, checkpoint_token, client_token, execution_name, function_name, operation_id, operation_name,
    qualifier, sub_type, tenant_id, trace_header,
};
