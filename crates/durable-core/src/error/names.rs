//! The error types recorded by the SDK and the service, which tell code why an operation failed.

/// An attempt of a step that runs at most once was interrupted.
pub(super) const STEP_INTERRUPTED: &str = "StepInterruptedError";
/// An attempt of a step took longer than its timeout.
pub(super) const STEP_TIMEOUT: &str = "StepTimeoutError";
/// A condition was not met within the number of checks that its strategy allows.
pub(super) const CONDITION_NOT_MET: &str = "ConditionNotMetError";
/// A callback was not answered in time.
pub(super) const CALLBACK_TIMEOUT: &str = "Callback.Timeout";
/// A callback received no heartbeat in time.
pub(super) const CALLBACK_HEARTBEAT: &str = "Callback.Heartbeat";
/// An invoked function exceeded its execution timeout.
pub(super) const INVOKE_TIMEOUT: &str = "ChainedInvoke.Timeout";
/// The submitter of a callback failed; the data is a [`Cause`](super::Cause).
pub(super) const SUBMITTER: &str = "SubmitterError";
/// Compensations of a saga failed; the data is a [`Cause`](super::Cause).
pub(super) const NOT_COMPENSATED: &str = "SagaCompensationError";
/// An option or a name is invalid.
pub(super) const INVALID_ARGUMENT: &str = "InvalidArgumentError";
/// A value could not be serialized or deserialized.
pub(super) const SERDES: &str = "SerdesError";

/// Returns whether only the SDK may record errors of this type.
pub(super) fn is_reserved(error_type: &str) -> bool {
    [STEP_INTERRUPTED, STEP_TIMEOUT, CONDITION_NOT_MET, SUBMITTER, NOT_COMPENSATED, INVALID_ARGUMENT, SERDES]
        .contains(&error_type)
}
