//! Batches with a rule of their own, against the service, wherever the process dies.

use std::time::Duration;

use durable_core::batch::Verdict;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{Fault, TestRunner};

/// Asks five replicas, one of which never answers in time and one of which is broken; three are enough.
async fn quorum((is_flat, bytes): (bool, usize), ctx: DurableContext) -> Result<(String, Vec<usize>)> {
    let votes = ctx.map("votes", 0..5_u64, async |ctx, replica, _| {
        ctx.wait("travel", Duration::from_secs(1 + replica)).await?;
        let vote = ctx.step("vote", async |_| match replica {
            1 => Err(Error::msg("broken")),
            _ => Ok("x".repeat(bytes)),
        });
        let vote = vote.retry(durable_core::retry::RetryStrategy::none()).await?;
        ctx.wait("back", Duration::from_secs(if replica == 2 { 3_600 } else { 1 })).await?;
        Ok(vote)
    });
    let votes = if is_flat { votes.flat() } else { votes };
    let votes = votes.complete_when(|progress| match (progress.success_count(), progress.failure_count()) {
        (3.., _) => Verdict::Succeed,
        (_, 3..) => Verdict::Fail,
        _ => Verdict::Continue,
    });
    let votes = votes.await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    let reason = format!("{} {}", votes.status(), votes.completion_reason());
    Ok((reason, votes.unfinished().map(|item| item.index).collect()))
}

#[tokio::test(start_paused = true)]
async fn a_quorum_does_not_wait_for_the_slowest_and_stays_what_it_was_after_any_crash() {
    for is_flat in [false, true] {
        let undisturbed = TestRunner::new(quorum).run(&(is_flat, 10)).await.unwrap();
        // The replicas that answer come back after 2, 5 and 6 seconds.
        assert_eq!(undisturbed.elapsed(), Duration::from_secs(6 + 1));

        for checkpoint in 1..=undisturbed.checkpoints() {
            for fault in [Fault::LostRequest, Fault::LostResponse] {
                let execution =
                    TestRunner::new(quorum).fault(checkpoint, fault).run(&(is_flat, 10)).await.unwrap();

                let (reason, unfinished): (String, Vec<usize>) = execution.result().unwrap();
                assert_eq!(reason, "FAILED CUSTOM_COMPLETION_SUCCEEDED", "{fault:?} at {checkpoint}");
                assert_eq!(unfinished, [2], "{fault:?} at {checkpoint}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_batch_is_built_again_without_waiting_for_items_that_had_not_ended() {
    for is_flat in [false, true] {
        let began = tokio::time::Instant::now();

        TestRunner::new(quorum).run(&(is_flat, 100_000)).await.unwrap();

        assert!(began.elapsed() < Duration::from_secs(1), "{:?} of {is_flat}", began.elapsed());
    }
}
