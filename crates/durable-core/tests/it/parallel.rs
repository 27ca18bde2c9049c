//! Parallels.

use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, result};

#[tokio::test]
async fn branches_of_different_code_run_side_by_side_without_boxes() {
    let ledger = Ledger::new(&"Ada");
    let handler = async |name: String, ctx: DurableContext| -> Result<Vec<String>> {
        let both = ctx
            .parallel("both")
            .branch("slow", async |ctx| {
                ctx.wait("settle", Duration::from_secs(1)).await?;
                Ok(format!("slow {name}"))
            })
            .branch(UNNAMED, async |ctx| Ok(ctx.step("quick", async |_| Ok(format!("quick {name}"))).await?))
            .await?;
        both.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["slow Ada","quick Ada"]"#);
    assert_eq!(ledger.operation("slow").sub_type.as_deref(), Some("ParallelBranch"));
    assert_eq!(ledger.operation("both").sub_type.as_deref(), Some("Parallel"));
}

#[tokio::test]
async fn failures_within_the_tolerance_are_told_and_not_returned() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(usize, usize, bool)> {
        let branches = ctx
            .parallel("branches")
            .branch("good", async |_| Ok(1))
            .branch("bad", async |_| Err(Error::msg("no")))
            .branch("better", async |_| Ok(2))
            .tolerated_failure_count(1)
            .await?;
        Ok((branches.success_count(), branches.failure_count(), branches.into_result().is_err()))
    };

    assert_eq!(result(ledger.run(&handler).await), "[2,1,true]");
}
