//! Whether a divergence fails the execution or the invocation.

/// Whether code that does not match the recorded operations fails the execution or the invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DivergencePolicy {
    /// The execution fails with `NonDeterministicExecutionError`, as with AWS's SDKs.
    #[default]
    FailExecution,
    /// The invocation fails. The service invokes the function again, so the execution resumes once the code is fixed.
    FailInvocation,
}
