//! The limits of the service, with their units.
//!
//! They come from the Lambda service model, where a constant does not name another source.

/// Bytes the payload or the error of one operation may hold, or of an execution that was started asynchronously.
pub const MAX_OPERATION_PAYLOAD_BYTES: usize = 1_048_576;
/// Bytes the input and the result of an execution may hold that was started synchronously.
pub const MAX_EXECUTION_PAYLOAD_BYTES: usize = 6_291_456;
/// Bytes of an invocation's answer from which on a result is checkpointed instead: the limit on answers, less the
/// envelope around the result.
pub const MAX_INVOCATION_OUTPUT_BYTES: usize = 6 * 1024 * 1024 - 50;
/// Bytes that the answer of an invocation may have beyond the result in it (Lambda's own limit on answers).
pub const MAX_ANSWER_ENVELOPE_BYTES: usize = 100;
/// Bytes of a context's result from which on it is not recorded, but rebuilt by replaying its operations (AWS's SDKs).
pub const MAX_CONTEXT_RESULT_BYTES: usize = 262_144;
/// Updates in one checkpoint (AWS's SDKs).
pub const MAX_CHECKPOINT_UPDATES: usize = 250;
/// Bytes of the updates in one checkpoint, as encoded (AWS's SDKs).
pub const MAX_CHECKPOINT_BYTES: usize = 750 * 1024;
/// Operations in one execution (AWS's SDKs; its quotas said 3,000).
pub const MAX_OPERATIONS: usize = 30_000;
/// Bytes of data written in one execution, all inputs, results and errors added up: 100 MB (AWS's quotas).
pub const MAX_EXECUTION_DATA_BYTES: usize = 100 * 1024 * 1024;

/// Characters of an operation's id.
pub const MAX_OPERATION_ID_LENGTH: usize = 64;
/// Characters of an operation's name.
pub const MAX_OPERATION_NAME_LENGTH: usize = 256;
/// Characters of a subtype.
pub const MAX_SUB_TYPE_LENGTH: usize = 32;
/// Characters of an execution's name.
pub const MAX_EXECUTION_NAME_LENGTH: usize = 64;
/// Characters of an execution's ARN.
pub const MAX_EXECUTION_ARN_LENGTH: usize = 1_024;
/// Characters of a checkpoint token.
pub const MAX_CHECKPOINT_TOKEN_LENGTH: usize = 2_048;
/// Characters of a version or an alias of a function.
pub const MAX_QUALIFIER_LENGTH: usize = 128;
/// Characters of the ARN of an encryption key.
pub const MAX_KMS_KEY_ARN_LENGTH: usize = 10_000;
/// Characters of a client token.
pub const MAX_CLIENT_TOKEN_LENGTH: usize = 64;
/// Characters of a callback id.
pub const MAX_CALLBACK_ID_LENGTH: usize = 1_024;
/// Characters of a function's name or ARN.
pub const MAX_FUNCTION_NAME_LENGTH: usize = 256;
/// Characters of a tenant id.
pub const MAX_TENANT_ID_LENGTH: usize = 256;
/// Characters of a trace header.
pub const MAX_TRACE_HEADER_LENGTH: usize = 8_192;
/// Characters of the reason for a pause.
pub const MAX_PAUSE_REASON_LENGTH: usize = 1_024;

/// Seconds a wait, or the delay before an attempt, takes at least.
pub const MIN_DELAY_SECONDS: u64 = 1;
/// Seconds a wait, or the delay before an attempt, may take: 366 days.
pub const MAX_DELAY_SECONDS: u64 = 31_622_400;
/// Seconds an execution may take: 366 days.
pub const MAX_EXECUTION_SECONDS: u32 = 31_622_400;
/// Seconds of a callback's timeout and heartbeat timeout.
pub const MAX_CALLBACK_TIMEOUT_SECONDS: u64 = 99_999_999;
/// Seconds one invocation of a function may take (AWS's quotas).
pub const MAX_INVOCATION_SECONDS: u64 = 900;
/// Days an ended execution may be kept.
pub const MAX_RETENTION_DAYS: u32 = 90;
/// Days an ended execution is kept unless its function says otherwise (AWS's developer guide).
pub const DEFAULT_RETENTION_DAYS: u32 = 14;
/// Seconds a client token is remembered.
pub const CLIENT_TOKEN_SECONDS: u64 = 900;

/// Statuses that a list of executions may be narrowed to.
pub const MAX_LISTED_STATUSES: usize = 10;
/// Items of a page when the request does not say.
pub const DEFAULT_PAGE_ITEMS: u32 = 100;
/// Items of a page at most.
pub const MAX_PAGE_ITEMS: u32 = 1_000;
