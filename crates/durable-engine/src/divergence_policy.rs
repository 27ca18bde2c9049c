//! What fails when replay diverges.

/// What fails when the code does not match the recorded operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DivergencePolicy {
    /// The execution fails with `NonDeterministicExecutionError`, as with AWS's SDKs.
    #[default]
    FailExecution,
    /// The invocation fails. The service invokes the function again, so the execution resumes once the code is fixed.
    FailInvocation,
}
