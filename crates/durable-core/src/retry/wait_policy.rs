//! The policy that decides whether an unmet condition is checked again.

use std::fmt;

use durable_engine::{
    ExponentialBackoff, FixedDelay, LinearBackoff, OperationId, RetryDecision, WaitStrategy,
};

/// Decides whether an unmet condition is checked again: a strategy, or a function of its state.
///
/// [`strategy`](crate::operation::WaitForCondition::strategy) accepts anything that converts into a policy:
/// - a [`WaitStrategy`] or one of its builders;
/// - a function or closure `Fn(&State, u32) -> D`, where `D` is a [`RetryDecision`] or an `Option<Duration>`. It
///   receives the state that the check returned and the number of checks made so far. Delays are rounded up to whole
///   seconds, with a minimum of one second; a delay of more than 366 days fails the operation. Closures need the type
///   of their first parameter: `|job: &Job, checks|`.
///
/// Decisions are recorded: on replay, the function is not called for a check that was already followed by another one.
pub struct WaitPolicy<'c, I>(Policy<'c, I>);

enum Policy<'c, I> {
    Strategy(WaitStrategy),
    Function(Box<Function<'c, I>>),
}

type Function<'c, I> = dyn Fn(&I, u32) -> RetryDecision + Send + Sync + 'c;

impl<I> WaitPolicy<'_, I> {
    /// Returns what is wrong with the policy, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.0 {
            Policy::Strategy(strategy) => {
                strategy.validate().err().map(|invalid| format!("its strategy is invalid: {invalid}"))
            }
            Policy::Function(_) => None,
        }
    }

    /// Decides whether the condition is checked again after this many checks, the last of which returned this state.
    pub(crate) fn decide(
        &self,
        execution_arn: &str,
        operation: OperationId,
        (state, checks_made): (&I, u32),
    ) -> RetryDecision {
        match &self.0 {
            Policy::Strategy(strategy) => strategy.decide(execution_arn, operation, checks_made),
            Policy::Function(function) => function(state, checks_made),
        }
    }
}

impl<I> Default for WaitPolicy<'_, I> {
    /// Returns the default strategy.
    fn default() -> Self {
        WaitStrategy::default().into()
    }
}

impl<I> From<WaitStrategy> for WaitPolicy<'_, I> {
    fn from(strategy: WaitStrategy) -> Self {
        Self(Policy::Strategy(strategy))
    }
}

impl<I> From<ExponentialBackoff> for WaitPolicy<'_, I> {
    fn from(backoff: ExponentialBackoff) -> Self {
        WaitStrategy::from(backoff).into()
    }
}

impl<I> From<LinearBackoff> for WaitPolicy<'_, I> {
    fn from(backoff: LinearBackoff) -> Self {
        WaitStrategy::from(backoff).into()
    }
}

impl<I> From<FixedDelay> for WaitPolicy<'_, I> {
    fn from(delay: FixedDelay) -> Self {
        WaitStrategy::from(delay).into()
    }
}

impl<'c, I, F, D> From<F> for WaitPolicy<'c, I>
where
    F: Fn(&I, u32) -> D + Send + Sync + 'c,
    D: Into<RetryDecision>,
{
    fn from(function: F) -> Self {
        Self(Policy::Function(Box::new(move |state: &I, checks| function(state, checks).into())))
    }
}

impl<I> fmt::Debug for WaitPolicy<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Policy::Strategy(strategy) => strategy.fmt(f),
            Policy::Function(_) => f.write_str("WaitPolicy(function)"),
        }
    }
}
