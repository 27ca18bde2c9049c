//! Error types that the SDK itself and the service record, by which code is told why an operation failed.

/// An attempt of a step that runs at most once was interrupted.
pub(super) const STEP_INTERRUPTED: &str = "StepInterruptedError";
/// An attempt of a step took longer than its timeout.
pub(super) const STEP_TIMEOUT: &str = "StepTimeoutError";
/// A condition was not met in as many checks as its strategy allows.
pub(super) const CONDITION_NOT_MET: &str = "ConditionNotMetError";
/// A callback was not answered in time.
pub(super) const CALLBACK_TIMEOUT: &str = "Callback.Timeout";
/// A callback got no heartbeat in time.
pub(super) const CALLBACK_HEARTBEAT: &str = "Callback.Heartbeat";
/// A called function took longer than its execution timeout.
pub(super) const INVOKE_TIMEOUT: &str = "ChainedInvoke.Timeout";
/// The submitter of a callback failed; the data is a [`Cause`](super::Cause).
pub(super) const SUBMITTER: &str = "SubmitterError";
/// Compensations of a saga failed; the data is a [`Cause`](super::Cause).
pub(super) const NOT_COMPENSATED: &str = "SagaCompensationError";
/// An option or a name is not allowed.
pub(super) const INVALID_ARGUMENT: &str = "InvalidArgumentError";
/// A value could not be written or read.
pub(super) const SERDES: &str = "SerdesError";

/// Whether only the SDK may record errors of this type.
pub(super) fn is_reserved(error_type: &str) -> bool {
    [STEP_INTERRUPTED, STEP_TIMEOUT, CONDITION_NOT_MET, SUBMITTER, NOT_COMPENSATED, INVALID_ARGUMENT, SERDES]
        .contains(&error_type)
}
