//! The limits of the service, with their units.
//!
//! The source is the Lambda service model unless a constant names another one.

/// Maximum size of the payload or error of an operation, or of an asynchronous execution, in bytes.
pub const MAX_OPERATION_PAYLOAD_BYTES: usize = 1_048_576;
/// Maximum size of the input and the result of a synchronous execution, in bytes.
pub const MAX_EXECUTION_PAYLOAD_BYTES: usize = 6_291_456;
/// Size in bytes from which a result is checkpointed instead of returned: the limit on responses, less the
/// envelope around the result.
pub const MAX_INVOCATION_OUTPUT_BYTES: usize = 6 * 1024 * 1024 - 50;
/// Maximum size of the response of an invocation beyond the result in it, in bytes (Lambda's own limit).
pub const MAX_ANSWER_ENVELOPE_BYTES: usize = 100;
/// Size in bytes from which the result of a context is rebuilt from its operations instead of recorded (AWS's SDKs).
pub const MAX_CONTEXT_RESULT_BYTES: usize = 262_144;
/// Maximum number of updates per checkpoint (AWS's SDKs).
pub const MAX_CHECKPOINT_UPDATES: usize = 250;
/// Maximum encoded size of the updates of a checkpoint, in bytes (AWS's SDKs).
pub const MAX_CHECKPOINT_BYTES: usize = 750 * 1024;
/// Maximum number of operations per execution (AWS's SDKs; its quotas said 3,000).
pub const MAX_OPERATIONS: usize = 30_000;
/// Maximum total size of the inputs, results and errors written in an execution, in bytes: 100 MB (AWS's quotas).
pub const MAX_EXECUTION_DATA_BYTES: usize = 100 * 1024 * 1024;

/// Maximum length of an operation's id in characters.
pub const MAX_OPERATION_ID_LENGTH: usize = 64;
/// Maximum length of an operation's name in characters.
pub const MAX_OPERATION_NAME_LENGTH: usize = 256;
/// Maximum length of a subtype in characters.
pub const MAX_SUB_TYPE_LENGTH: usize = 32;
/// Maximum length of an execution's name in characters.
pub const MAX_EXECUTION_NAME_LENGTH: usize = 64;
/// Maximum length of an execution's ARN in characters.
pub const MAX_EXECUTION_ARN_LENGTH: usize = 1_024;
/// Maximum length of a checkpoint token in characters.
pub const MAX_CHECKPOINT_TOKEN_LENGTH: usize = 2_048;
/// Maximum length of a version or an alias of a function in characters.
pub const MAX_QUALIFIER_LENGTH: usize = 128;
/// Maximum length of the ARN of a KMS key in characters.
pub const MAX_KMS_KEY_ARN_LENGTH: usize = 10_000;
/// Maximum length of a client token in characters.
pub const MAX_CLIENT_TOKEN_LENGTH: usize = 64;
/// Maximum length of a callback id in characters.
pub const MAX_CALLBACK_ID_LENGTH: usize = 1_024;
/// Maximum length of a function's name or ARN in characters.
pub const MAX_FUNCTION_NAME_LENGTH: usize = 256;
/// Maximum length of a tenant id in characters.
pub const MAX_TENANT_ID_LENGTH: usize = 256;
/// Maximum length of a trace header in characters.
pub const MAX_TRACE_HEADER_LENGTH: usize = 8_192;
/// Maximum length of the reason for a pause in characters.
pub const MAX_PAUSE_REASON_LENGTH: usize = 1_024;

/// Minimum duration of a wait or of the delay before an attempt, in seconds.
pub const MIN_DELAY_SECONDS: u64 = 1;
/// Maximum duration of a wait or of the delay before an attempt, in seconds: 366 days.
pub const MAX_DELAY_SECONDS: u64 = 31_622_400;
/// Maximum execution timeout in seconds: 366 days.
pub const MAX_EXECUTION_SECONDS: u32 = 31_622_400;
/// Maximum timeout and heartbeat timeout of a callback, in seconds.
pub const MAX_CALLBACK_TIMEOUT_SECONDS: u64 = 99_999_999;
/// Maximum timeout of an invocation, in seconds (AWS's quotas).
pub const MAX_INVOCATION_SECONDS: u64 = 900;
/// Retention of ended executions, in days.
pub const MAX_RETENTION_DAYS: u32 = 90;
/// Default retention of ended executions, in days (AWS's developer guide).
pub const DEFAULT_RETENTION_DAYS: u32 = 14;
/// Time for which a client token is remembered, in seconds.
pub const CLIENT_TOKEN_SECONDS: u64 = 900;

/// Maximum number of statuses in a filter of executions.
pub const MAX_LISTED_STATUSES: usize = 10;
/// Default number of items per page.
pub const DEFAULT_PAGE_ITEMS: u32 = 100;
/// Maximum number of items per page.
pub const MAX_PAGE_ITEMS: u32 = 1_000;
