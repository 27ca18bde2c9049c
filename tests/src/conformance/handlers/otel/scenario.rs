//! The scenarios by name.

use durable::prelude::*;
use serde::Deserialize;

use super::{contexts, long_running, steps, suspensions};

/// What the handler is to do.
#[derive(Deserialize)]
#[serde(tag = "scenario", rename_all = "kebab-case")]
pub(crate) enum Scenario {
    Success,
    Retry,
    TerminalFailure,
    HandledFailure,
    HandlerFailure,
    ChildContext,
    ChildContextFailure,
    VirtualChildContext,
    ParallelHierarchy,
    ParallelFailure,
    MapHierarchy,
    MapFailure,
    WaitResume,
    WaitInterrupted,
    WaitForCondition,
    WaitForConditionFailure,
    WaitForCallback,
    WaitForCallbackFailure,
    ChainedInvoke,
    ChainedInvokeFailure,
    LongWait { delay_seconds: u64 },
    LongRetry { delay_seconds: u64 },
    LongCallback { delay_seconds: u64 },
    LongInvoke { delay_seconds: u64 },
}

#[durable::handler]
pub(crate) async fn scenarios(scenario: Scenario, ctx: DurableContext) -> Result<Option<u32>> {
    match scenario {
        Scenario::Success => steps::success(&ctx).await,
        Scenario::Retry => steps::retry(&ctx).await,
        Scenario::TerminalFailure => steps::terminal_failure(&ctx).await,
        Scenario::HandledFailure => steps::handled_failure(&ctx).await,
        Scenario::HandlerFailure => Err(Error::msg("the handler fails")),
        Scenario::ChildContext => contexts::child_context(&ctx).await,
        Scenario::ChildContextFailure => contexts::child_context_failure(&ctx).await,
        Scenario::VirtualChildContext => contexts::virtual_child_context(&ctx).await,
        Scenario::ParallelHierarchy => contexts::parallel_hierarchy(&ctx).await,
        Scenario::ParallelFailure => contexts::parallel_failure(&ctx).await,
        Scenario::MapHierarchy => contexts::map_hierarchy(&ctx).await,
        Scenario::MapFailure => contexts::map_failure(&ctx).await,
        Scenario::WaitResume => suspensions::wait_resume(&ctx).await,
        Scenario::WaitInterrupted => suspensions::wait_interrupted(&ctx).await,
        Scenario::WaitForCondition => return suspensions::wait_for_condition(&ctx).await.map(Some),
        Scenario::WaitForConditionFailure => suspensions::wait_for_condition_failure(&ctx).await,
        Scenario::WaitForCallback => suspensions::wait_for_callback(&ctx).await,
        Scenario::WaitForCallbackFailure => suspensions::wait_for_callback_failure(&ctx).await,
        Scenario::ChainedInvoke => suspensions::chained_invoke(&ctx).await,
        Scenario::ChainedInvokeFailure => suspensions::chained_invoke_failure(&ctx).await,
        Scenario::LongWait { delay_seconds } => long_running::wait(&ctx, delay_seconds).await,
        Scenario::LongRetry { delay_seconds } => long_running::retry(&ctx, delay_seconds).await,
        Scenario::LongCallback { delay_seconds } => long_running::callback(&ctx, delay_seconds).await,
        Scenario::LongInvoke { delay_seconds } => long_running::invoke(&ctx, delay_seconds).await,
    }?;
    Ok(None)
}
