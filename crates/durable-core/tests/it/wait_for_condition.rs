//! Conditions that are checked until they are met.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::retry::{Jitter, WaitStrategy};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn the_state_is_carried_from_check_to_check_and_the_attempts_are_counted() {
    let ledger = Ledger::new(&3);
    let handler = async |enough: u32, ctx: DurableContext| -> Result<(u32, u32)> {
        let met = ctx
            .wait_for_condition("count", 0, async |count: u32, step| {
                let count = count + 1;
                if count < enough { Ok(Continue(count)) } else { Ok(Break((count, step.attempt()))) }
            })
            .strategy(WaitStrategy::fixed(Duration::from_secs(9)))
            .await?;
        Ok(met)
    };

    assert_eq!(result(ledger.run(&handler).await), "[3,3]");

    let calls = ledger.calls();
    assert_eq!(
        calls,
        [["START count", "RETRY count"], ["START count", "RETRY count"], ["START count", "SUCCEED count"]]
    );
    let retry = &ledger.updates()[0][1];
    assert_eq!(retry.result.as_deref(), Some("1"));
    assert_eq!(retry.step_options.as_ref().unwrap().next_attempt_delay_seconds, Some(9));
    assert_eq!(retry.sub_type.as_deref(), Some("WaitForCondition"));
}

#[tokio::test]
async fn a_condition_that_is_never_met_fails_when_its_strategy_gives_up() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let strategy = WaitStrategy::exponential().max_attempts(3).jitter(Jitter::None);
        let never =
            ctx.wait_for_condition("never", (), async |(), _| Ok(Continue::<(), ()>(()))).strategy(strategy);
        let error = never.await.unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(error.is_exhausted())
    };

    assert_eq!(result(ledger.run(&handler).await), "true");
    assert_eq!(ledger.calls()[2], ["START never", "FAIL never"]);
}

#[tokio::test]
async fn a_check_that_fails_is_not_repeated() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let broken = ctx.wait_for_condition("broken", 0, async |_: u32, _| match 1 {
            1 => Err(Error::msg("no connection")),
            _ => Ok(Break(())),
        });
        broken.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "Error");
    assert_eq!(message, "condition `broken` failed: no connection");
    assert_eq!(ledger.calls(), [["START broken", "FAIL broken"]]);
}
