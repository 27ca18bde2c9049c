//! Batches that are complete when a rule of their own says so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::batch::{BatchProgress, BatchResult, BatchStatus, CompletionReason, Verdict};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

fn two_agree(progress: &BatchProgress<'_>) -> Verdict {
    if progress.success_count() >= 2 { Verdict::Succeed } else { Verdict::Continue }
}

/// What a batch came to, as a text.
fn told<T>(batch: &BatchResult<T>) -> String {
    let items = batch.iter().map(|item| match &item.result {
        None => '-',
        Some(Ok(_)) => 'S',
        Some(Err(_)) => 'F',
    });
    format!("{} {} {}", batch.status(), batch.completion_reason(), items.collect::<String>())
}

#[tokio::test]
async fn a_verdict_completes_a_map_and_drops_what_still_runs() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, Vec<usize>)> {
        let votes = ctx.map("votes", 0..4, async |ctx, item, _| {
            if item == 1 {
                ctx.step("stuck", async |_| std::future::pending::<Result<()>>().await).await?;
            }
            Ok(item)
        });
        let votes = votes.complete_when(|progress| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            two_agree(progress)
        });
        let votes = votes.await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((told(&votes), votes.unfinished().map(|item| item.index).collect()))
    };

    let text = r#"["SUCCEEDED CUSTOM_COMPLETION_SUCCEEDED S-S-",[1,3]]"#;
    assert_eq!(result(ledger.run(&handler).await), text);
    assert_eq!(
        ASKED.load(Ordering::SeqCst),
        3,
        "before the first item, and after each of two; not on replay"
    );
    assert!(
        ledger
            .operation("votes")
            .take_context_details()
            .result
            .unwrap()
            .contains("CUSTOM_COMPLETION_SUCCEEDED")
    );
}

#[tokio::test]
async fn items_after_the_verdict_are_never_started() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let votes = ctx.map("votes", 0..10, async |ctx, item, _| {
            ctx.step(format!("vote-{item}"), async |_| Ok(item)).await
        });
        Ok(votes.max_concurrency(1).complete_when(two_agree).await?.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "2");
    assert!(!ledger.calls().concat().contains(&"START vote-2".to_owned()));
}

#[tokio::test]
async fn a_rule_of_ones_own_tolerates_failures_until_it_says_otherwise() {
    for (limit, expected) in [
        (2, "FAILED CUSTOM_COMPLETION_FAILED FSF"),
        (3, "FAILED CUSTOM_COMPLETION_FAILED FSFSF"),
        (9, "FAILED ALL_COMPLETED FSFSF"),
    ] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<String> {
            let items = ctx.map("items", 0..5, async |_, item, _| match item % 2 {
                0 => Err(Error::msg("even")),
                _ => Ok(item),
            });
            let items = items.max_concurrency(1).complete_when(|progress| {
                if progress.failure_count() >= limit { Verdict::Fail } else { Verdict::Continue }
            });
            let items = items.await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(told(&items))
        };

        assert_eq!(result(ledger.run(&handler).await), format!("\"{expected}\""));
    }
}

#[tokio::test]
async fn a_batch_that_failed_without_a_failed_item_has_no_result_all_the_same() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let items = ctx
            .parallel("both")
            .branch("a", async |_| Ok(1))
            .branch("b", async |_| Ok(2))
            .complete_when(|progress| match progress.completed_count() {
                0 => Verdict::Continue,
                _ => Verdict::Fail,
            })
            .await?;
        assert_eq!(items.status(), BatchStatus::Failed);
        assert!(!items.has_failure());
        items.into_result()
    };

    let (error_type, _) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "BatchCompletionError");
}

#[tokio::test]
async fn a_batch_may_be_complete_before_its_first_item_and_an_empty_one_is_asked_too() {
    for (items, verdict, expected) in [
        (3, Verdict::Succeed, "SUCCEEDED CUSTOM_COMPLETION_SUCCEEDED "),
        (0, Verdict::Fail, "FAILED CUSTOM_COMPLETION_FAILED "),
        (0, Verdict::Continue, "SUCCEEDED ALL_COMPLETED "),
    ] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<String> {
            let batch =
                ctx.map("items", 0..items, async |_, item, _| Ok(item)).complete_when(|_| verdict).await?;
            Ok(told(&batch))
        };

        assert_eq!(result(ledger.run(&handler).await), format!("\"{expected}\""));
        assert_eq!(ledger.calls(), [["START items", "SUCCEED items"]]);
    }
}

#[tokio::test]
async fn the_rule_sees_each_item_with_its_name_and_how_it_ended() {
    let seen = Mutex::new(Vec::new());
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let items = ctx
            .map("items", ["a", "b", "c"], async |_, item, _| match item {
                "b" => Err(Error::msg("bad item")),
                _ => Ok(()),
            })
            .item_names(|item, index| format!("{item}{index}"))
            .max_concurrency(2)
            .complete_when(|progress| {
                let item = |item: durable_core::batch::ItemProgress<'_>| {
                    let status = item.status.map_or("runs".to_owned(), |status| status.to_string());
                    format!("{} {} {status}", item.index, item.name.unwrap())
                };
                let items: Vec<String> = progress.items().map(item).collect();
                seen.lock().unwrap().push(format!("{} of {}", items.join(", "), progress.total_count()));
                Verdict::Continue
            });
        items.await?;
        Ok(())
    };

    result(ledger.run(&handler).await);

    let expected = [
        " of 3",
        "0 a0 SUCCEEDED, 1 b1 runs of 3",
        "0 a0 SUCCEEDED, 1 b1 FAILED, 2 c2 runs of 3",
        "0 a0 SUCCEEDED, 1 b1 FAILED, 2 c2 SUCCEEDED of 3",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_rule_of_ones_own_and_the_other_rules_exclude_each_other() {
    for other in ["min_successful", "tolerated_failure_count", "tolerated_failure_percentage"] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
            let items = ctx.map("items", 0..2, async |_, item, _| Ok(item)).complete_when(two_agree);
            let items = match other {
                "min_successful" => items.min_successful(1),
                "tolerated_failure_count" => items.tolerated_failure_count(0),
                _ => items.tolerated_failure_percentage(50.0),
            };
            Ok(items.await?.len())
        };

        let (error_type, message) = error(ledger.run(&handler).await);

        assert_eq!(error_type, "InvalidArgumentError");
        assert!(message.contains("`items`") && message.contains("complete_when"), "{message}");
        assert!(ledger.calls().is_empty());
    }
}

#[tokio::test]
async fn a_rule_that_panics_is_an_error_of_the_batch() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let items = ctx.map("items", 0..2, async |_, item, _| Ok(item));
        Ok(items.complete_when(|_| panic!("cannot decide")).await?.len())
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "Panic");
    assert!(message.contains("`items`") && message.contains("cannot decide"), "{message}");
}

#[tokio::test]
async fn results_too_large_to_record_keep_the_verdict_and_the_rule_is_not_asked_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, Vec<usize>)> {
        let items = ctx.map("items", 0..6, async |ctx, item, _| {
            if item == 2 {
                ctx.wait("long", Duration::from_secs(60)).await?;
            }
            if item == 1 {
                return Err(Error::msg("bad item"));
            }
            ctx.step("large", async |_| Ok("x".repeat(100_000))).await
        });
        let items = items.complete_when(|progress| {
            ASKED.fetch_add(1, Ordering::SeqCst);
            if progress.completed_count() == 5 { Verdict::Fail } else { Verdict::Continue }
        });
        let items = items.await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((told(&items), items.values().map(String::len).collect()))
    };

    let text = r#"["FAILED CUSTOM_COMPLETION_FAILED SF-SSS",[100000,100000,100000,100000]]"#;
    assert_eq!(result(ledger.run(&handler).await), text);
    assert_eq!(ASKED.load(Ordering::SeqCst), 6);
    assert_eq!(ledger.operation("items").take_context_details().replay_children, Some(true));
}

#[tokio::test]
async fn a_batch_that_suspends_is_complete_when_enough_have_come_back() {
    for is_flat in [false, true] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<String> {
            let items = ctx.map("items", 0..4, async |ctx, item: u64, _| {
                for _ in 0..=item {
                    ctx.wait("wait", Duration::from_secs(1)).await?;
                }
                Ok(item)
            });
            let items = if is_flat { items.flat() } else { items };
            let items = items.complete_when(two_agree).await?;
            assert_eq!(items.completion_reason(), CompletionReason::CustomCompletionSucceeded);
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(told(&items))
        };

        assert_eq!(result(ledger.run(&handler).await), "\"SUCCEEDED CUSTOM_COMPLETION_SUCCEEDED SS--\"");
    }
}
