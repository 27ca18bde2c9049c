//! The function in this project's SDK, which `durable` and AWS's runner invoke.

use std::time::Instant;

use durable::prelude::*;
use tokio::runtime::Builder;

use crate::units::micros;
use crate::work::{Charge, StepTimes, Work};

/// Serves invocations from the Runtime API until the process is killed.
pub fn serve_lambda() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(durable::run(execute)).expect("invocations arrive");
}

async fn execute(work: Work, ctx: DurableContext) -> Result<StepTimes> {
    match work {
        Work::Steps(count) => run_steps(count, &ctx).await,
        Work::Wait(seconds) => {
            ctx.wait("wait", Duration::from_secs(seconds)).await?;
            Ok(StepTimes::new())
        }
    }
}

async fn run_steps(count: u32, ctx: &DurableContext) -> Result<StepTimes> {
    let mut times = StepTimes::new();
    for index in 0..count {
        let begin = Instant::now();
        let _charge = ctx.step(format!("step-{index}"), async |_| Ok(Charge::sample())).await?;
        times.push(micros(begin.elapsed()));
    }
    Ok(times)
}
