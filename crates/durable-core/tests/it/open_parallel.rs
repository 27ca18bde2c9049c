//! Parallels that stay open: typed handles, and branches that depend on earlier ones.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::batch::BatchResult;
use durable_core::operation::UNNAMED;
use durable_core::types::InvocationOutput;
use durable_core::{DurableContext, Error, Result, join};

use crate::ledger::{Ledger, error, result};

const SECOND: Duration = Duration::from_secs(1);

async fn typed(_: (), ctx: DurableContext) -> Result<(String, u32, BTreeMap<String, String>)> {
    let mut open = ctx.open_parallel("typed").max_concurrency(1);
    let status = open.branch("status", async |_| Ok("reserved".to_owned()));
    let code = open.branch("code", async |_| Ok(200));
    let labels = open.branch(UNNAMED, async |_| Ok(BTreeMap::from([("currency".into(), "USD".into())])));
    open.close().await?;
    Ok((status.await?, code.await?, labels.await?))
}

#[tokio::test]
async fn handles_have_the_types_of_their_branches() {
    let ledger = Ledger::new(&());

    let output = ledger.run(&typed).await;

    assert_eq!(result(output), r#"["reserved",200,{"currency":"USD"}]"#);
    let calls: Vec<_> = ledger.calls().concat();
    let expected = [
        "START typed",
        "START status",
        "SUCCEED status",
        "START code",
        "SUCCEED code",
        "START -",
        "SUCCEED -",
        "SUCCEED typed",
    ];
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn a_branch_runs_before_later_ones_are_added_and_may_use_what_it_returned() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let mut open = ctx.open_parallel("early").max_concurrency(1);
        let first = open.branch("first", async |_| Ok("ready".to_owned())).await?;
        let used = first.clone();
        let second = open.branch("second", async move |_| Ok(format!("{used}-second")));
        open.close().await?;
        Ok((first, second.await?))
    };

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), r#"["ready","ready-second"]"#);
    let calls: Vec<_> = ledger.calls().concat();
    let expected =
        ["START early", "START first", "SUCCEED first", "START second", "SUCCEED second", "SUCCEED early"];
    assert_eq!(calls, expected);
}

static STARTED: AtomicUsize = AtomicUsize::new(0);

#[tokio::test]
async fn a_replay_gives_the_same_results_without_running_branches_again() {
    let ledger = Ledger::new(&7).with_timestamps();
    let handler = async |event: u32, ctx: DurableContext| -> Result<(u32, String, bool)> {
        let mut open = ctx.open_parallel("open");
        let number = open.branch("number", async |_| {
            STARTED.fetch_add(1, Ordering::SeqCst);
            Ok(event)
        });
        let text = open.branch("text", async |ctx| {
            ctx.wait("settle", SECOND).await?;
            ctx.step("text", async |_| Ok(format!("text {event}"))).await
        });
        let number = number.await?;
        let is_odd = open.branch("odd", async move |_| {
            STARTED.fetch_add(1, Ordering::SeqCst);
            Ok(number % 2 == 1)
        });
        let text = text.await?;
        let closed = open.close().await?;
        assert_eq!(closed.success_count(), 3);
        ctx.wait("pause", SECOND).await?;
        Ok((number, text, is_odd.await?))
    };

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), r#"[7,"text 7",true]"#);
    assert_eq!(STARTED.load(Ordering::SeqCst), 2);
    let details = ledger.operation("open").take_context_details();
    assert_eq!(details.replay_children, Some(true));
    let summary = details.result.unwrap();
    assert!(summary.contains(r#""totalCount":3"#) && !summary.contains("text 7"), "{summary}");
}

#[tokio::test]
async fn a_failed_branch_fails_its_handle_and_stops_no_other() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, u32, usize)> {
        let mut open = ctx.open_parallel("open");
        let bad = open.branch("bad", async |_| Err::<u32, _>(Error::msg("out of paper")));
        let good = open.branch("good", async |ctx| {
            ctx.wait("settle", SECOND).await?;
            Ok(1)
        });
        let closed = open.close().await?;
        Ok((bad.await.unwrap_err().to_string(), good.await?, closed.failure_count()))
    };

    let output = result(ledger.run(&handler).await);

    assert!(output.contains("out of paper") && output.ends_with(",1,1]"), "{output}");
}

#[tokio::test]
async fn the_end_of_a_parallel_tells_how_each_branch_ended() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<BatchResult<()>> {
        let mut open = ctx.open_parallel("open");
        drop(open.branch("dropped", async |ctx| ctx.step("a", async |_| Ok(1)).await));
        let _bad = open.branch("bad", async |_| Err::<u32, _>(Error::msg("out of paper")));
        let closed = open.close().await?;
        ctx.wait("pause", SECOND).await?;
        Ok(closed)
    };

    let output = result(ledger.run(&handler).await);

    let closed: BatchResult<()> = serde_json::from_str(&output).unwrap();
    let names: Vec<_> = closed.iter().map(|item| item.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["dropped", "bad"]);
    assert_eq!((closed.success_count(), closed.failure_count()), (1, 1));
}

#[tokio::test]
async fn branches_run_side_by_side_whichever_handle_is_awaited() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32)> {
        let mut open = ctx.open_parallel("open");
        let slow = open.branch("slow", async |ctx| ctx.wait("slow", 2 * SECOND).await.map(|()| 1));
        let quick = open.branch("quick", async |ctx| ctx.wait("quick", SECOND).await.map(|()| 2));
        let both = (slow.await?, quick.await?);
        open.close().await?;
        Ok(both)
    };

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "[1,2]");
    let first_call = &ledger.calls()[0];
    assert_eq!(*first_call, ["START open", "START slow", "START quick", "START slow", "START quick"]);
}

#[tokio::test]
async fn a_branch_added_beside_an_awaited_handle_begins_at_once() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32)> {
        let mut open = ctx.open_parallel("open");
        let first = open.branch("first", async |ctx| ctx.wait("first", 2 * SECOND).await.map(|()| 1));
        let later = async {
            ctx.step("decide", async |_| Ok(())).await?;
            let later = open.branch("later", async |ctx| ctx.wait("later", SECOND).await.map(|()| 2));
            // Only the other handle is awaited meanwhile.
            ctx.wait("pause", 3 * SECOND).await?;
            let later = later.await?;
            open.close().await?;
            durable_core::Ok(later)
        };
        let (first, later) = join!(first, later).await;
        Ok((first?, later?))
    };

    ledger.invoke(&handler).await.unwrap();

    assert!(ledger.calls().concat().contains(&"START later".to_owned()));
    assert_eq!(result(ledger.run(&handler).await), "[1,2]");
}

#[tokio::test]
async fn a_parallel_that_is_dropped_open_does_not_hold_up_the_handler() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let mut open = ctx.open_parallel("open");
        let never = open.branch("never", async |ctx| {
            // The invocation does not end while this runs.
            ctx.step("never", async |_| {
                let _: () = std::future::pending::<()>().await;
                Ok(())
            })
            .await
        });
        let quick = open.branch("quick", async |ctx| ctx.step("quick", async |_| Ok(7)).await).await?;
        drop((never, open));
        ctx.wait("pause", SECOND).await?;
        Ok(quick)
    };

    let suspended = ledger.invoke(&handler).await.unwrap();

    assert_eq!(suspended, InvocationOutput::Pending);
    assert_eq!(result(ledger.run(&handler).await), "7");
    assert!(!ledger.calls().concat().contains(&"SUCCEED open".to_owned()));
}

#[tokio::test]
async fn a_handle_outlives_its_parallel_which_is_closed_then() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let mut open = ctx.open_parallel("open");
        let number = open.branch("number", async |ctx| {
            ctx.wait("settle", SECOND).await?;
            Ok(7)
        });
        drop(open);
        number.await
    };

    assert_eq!(result(ledger.run(&handler).await), "7");
}

#[tokio::test]
async fn a_handle_that_is_awaited_again_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let mut open = ctx.open_parallel("open");
        let mut number = open.branch("number", async |_| Ok(7));
        (&mut number).await?;
        open.close().await?;
        number.await
    };

    let (_, message) = error(ledger.run(&handler).await);

    assert!(message.contains("branch `number` was awaited again"), "{message}");
}

#[tokio::test]
async fn a_parallel_that_cannot_run_fails_with_all_its_handles_and_records_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let mut open = ctx.open_parallel("open").max_concurrency(0);
        let number = open.branch("number", async |_| Ok(7));
        let closed = open.close().await.unwrap_err();
        Ok((number.await.unwrap_err().to_string(), closed.to_string()))
    };

    let output = result(ledger.run(&handler).await);

    assert_eq!(output.matches("max_concurrency is 0").count(), 2, "{output}");
    assert_eq!(ledger.calls().concat(), [""; 0]);
}

#[tokio::test]
async fn an_empty_parallel_is_recorded() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        Ok(ctx.open_parallel("open").close().await?.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "0");
    assert_eq!(ledger.calls().concat(), ["START open", "SUCCEED open"]);
}

#[tokio::test]
async fn the_branches_of_a_flat_parallel_are_not_recorded_but_their_operations_are() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, String)> {
        let mut open = ctx.open_parallel("open").flat();
        let a = open.branch("a", async |ctx| ctx.step("same", async |_| Ok(1)).await);
        let b = open.branch("b", async |ctx| ctx.step("same", async |_| Ok("two".to_owned())).await);
        open.close().await?;
        ctx.wait("pause", SECOND).await?;
        Ok((a.await?, b.await?))
    };

    assert_eq!(result(ledger.run(&handler).await), r#"[1,"two"]"#);
    let calls = ledger.calls().concat();
    assert!(!calls.contains(&"START a".to_owned()), "{calls:?}");
    assert_eq!(calls.iter().filter(|call| *call == "SUCCEED same").count(), 2);
}

/// Adds branches, and pauses.
async fn branches(names: &[&str], ctx: DurableContext) -> Result<u32> {
    let mut open = ctx.open_parallel("open");
    for name in names {
        let _branch = open.branch(*name, async |_| Ok(1));
    }
    open.close().await?;
    ctx.wait("pause", SECOND).await?;
    Ok(0)
}

#[tokio::test]
async fn branches_added_or_removed_after_the_parallel_was_closed_are_divergence() {
    let changes: [(&[&str], &str); 3] = [
        (&["a", "b", "c"], "expected parallel `open` with 2 branches, got 3"),
        (&["a"], "expected parallel `open` with 2 branches, got 1"),
        (&["a", "renamed"], "`renamed`"),
    ];
    for (changed, told) in changes {
        let ledger = Ledger::new(&());
        ledger.invoke(&async |_: (), ctx| branches(&["a", "b"], ctx).await).await.unwrap();

        let output = ledger.run(&async |_: (), ctx| branches(changed, ctx).await).await;

        let (error_type, message) = error(output);
        assert_eq!(error_type, "NonDeterministicExecutionError");
        assert!(message.contains(told), "{message}");
    }
}
