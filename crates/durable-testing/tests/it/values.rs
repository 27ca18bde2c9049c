//! Time and chance that are the same on every replay.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use durable_core::{DurableContext, Result, Uuid};
use durable_testing::{Fault, TestRunner};

type Values = (Vec<Uuid>, Vec<u64>, Vec<u64>);

fn values(ctx: &DurableContext) -> Values {
    let since_epoch = |name: &str| ctx.now(name).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let uuids = vec![ctx.uuid("a"), ctx.uuid("a"), ctx.uuid("b")];
    let chances = vec![ctx.random("a").to_bits(), ctx.random("a").to_bits(), ctx.random("b").to_bits()];
    (uuids, chances, vec![since_epoch("now"), since_epoch("now")])
}

async fn asks_again(_: (), ctx: DurableContext) -> Result<(Values, Values, Values)> {
    let first = values(&ctx);
    let seen = ctx.step("seen", async |_| Ok(first.clone())).await?;
    ctx.wait("day", Duration::from_hours(24)).await?;
    Ok((first, seen, values(&ctx)))
}

#[tokio::test]
async fn values_are_the_same_on_replay_and_unlike_each_other() {
    let execution = TestRunner::new(asks_again).run(&()).await.unwrap();

    let (replayed, seen, later) = execution.result::<(Values, Values, Values)>().unwrap();
    assert_eq!(replayed, seen);
    let uuids: BTreeSet<_> = seen.0.iter().chain(&later.0).collect();
    let chances: BTreeSet<_> = seen.1.iter().chain(&later.1).collect();
    assert_eq!((uuids.len(), chances.len()), (6, 6));
    assert_eq!(
        (seen.2, later.2),
        (vec![0, 0], vec![86_400, 86_400]),
        "the clock of the test began at the epoch"
    );
}

#[tokio::test]
async fn asking_for_values_costs_no_checkpoint_of_its_own() {
    let execution = TestRunner::new(asks_again).run(&()).await.unwrap();

    assert_eq!(execution.checkpoints(), 3, "of the step, of the wait, and what was asked for at last");
}

#[tokio::test]
async fn the_time_is_asked_for_again_if_the_answer_was_never_recorded() {
    for request in 1..=3 {
        let execution =
            TestRunner::new(asks_again).fault(request, Fault::LostRequest).run(&()).await.unwrap();

        let (replayed, seen, _) = execution.result::<(Values, Values, Values)>().unwrap();
        assert_eq!(replayed, seen, "request {request}");
        // The invocation that lost the answer is followed by another one, later.
        assert_eq!(seen.2[0] > 0, request == 1, "{:?} after request {request}", seen.2);
    }
}

async fn in_scopes(_: (), ctx: DurableContext) -> Result<Vec<Uuid>> {
    let ids = ctx.map("map", 0..3, async |ctx, _, _| Ok(ctx.uuid("id"))).await?;
    Ok(ids.into_values().chain([ctx.uuid("id")]).collect())
}

#[tokio::test]
async fn each_context_has_values_of_its_own() {
    let execution = TestRunner::new(in_scopes).run(&()).await.unwrap();

    let ids: BTreeSet<_> = execution.result::<Vec<Uuid>>().unwrap().into_iter().collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.get_version_num() == 4));
}
