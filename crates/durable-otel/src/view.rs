//! The two views of an execution.

/// How operations are arranged in a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum View {
    /// By invocation: operations belong to the invocation that ran them, and are linked to the execution.
    ///
    /// An operation that spans several invocations has a span in each: those before the last have the status `STARTED`.
    #[default]
    Invocation,
    /// By execution: operations belong to the execution, whatever invocations ran them, and are linked to the invocation
    /// with which they ended.
    ///
    /// An operation has one span, which is exported when it ends.
    Execution,
}
