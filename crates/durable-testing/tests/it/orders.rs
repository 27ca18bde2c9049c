//! Chains that run side by side in one context replay whatever finishes first.

use std::sync::atomic::Ordering;

use durable_testing::TestRunner;
use durable_types::OperationType;

use crate::chain::{Kind, SUCCEEDED, links, side_by_side};

/// Every way to choose which three of the moments 1 to 6 belong to the left chain.
fn interleavings() -> impl Iterator<Item = (Vec<u64>, Vec<u64>)> {
    (0_u32..64)
        .filter(|mask| mask.count_ones() == 3)
        .map(|mask| (1..=6).partition(|moment| mask & (1 << (moment - 1)) != 0))
}

/// Every chain of three operations.
fn chains() -> impl Iterator<Item = [Kind; 3]> {
    (0_u32..8).map(|mask| [0, 1, 2].map(|bit| if mask & (1 << bit) == 0 { Kind::Wait } else { Kind::Step }))
}

#[tokio::test]
async fn two_chains_of_three_replay_in_every_order_of_completion() {
    let mut executions = 0;
    for (left_moments, right_moments) in interleavings() {
        for left_kinds in chains() {
            for right_kinds in chains() {
                let left = links("a", &left_kinds, &left_moments);
                let right = links("b", &right_kinds, &right_moments);
                let steps =
                    [left_kinds, right_kinds].concat().iter().filter(|kind| **kind == Kind::Step).count();
                SUCCEEDED.store(0, Ordering::SeqCst);

                let execution = TestRunner::new(side_by_side).run(&(&left, &right)).await.unwrap();

                let names: Vec<_> = left.iter().chain(&right).map(|link| link.name.clone()).collect();
                assert_eq!(execution.result::<Vec<String>>().unwrap(), names, "{left:?} beside {right:?}");
                assert_eq!(execution.elapsed().as_secs(), 6);
                assert_eq!(execution.invocations(), 7, "one to begin with, and one per completion");
                assert_eq!(usize::try_from(SUCCEEDED.load(Ordering::SeqCst)).unwrap(), steps);
                let mut completed: Vec<_> = execution
                    .operations()
                    .filter(|operation| operation.operation_type != OperationType::Execution)
                    .map(|operation| (operation.end_timestamp, operation.name.clone().unwrap()))
                    .collect();
                completed.sort();
                let prefixes: String = completed.iter().map(|(_, name)| &name[..1]).collect();
                let expected: String =
                    (1..=6).map(|moment| if left_moments.contains(&moment) { "a" } else { "b" }).collect();
                assert_eq!(prefixes, expected);
                executions += 1;
            }
        }
    }
    assert_eq!(executions, 20 * 64);
}
