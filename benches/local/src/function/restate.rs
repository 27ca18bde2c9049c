//! The function in Restate's SDK.

use std::time::{Duration, Instant};

use restate_sdk::prelude::*;
use tokio::runtime::Builder;

use crate::units::micros;
use crate::work::{Charge, StepTimes, Work};

/// The environment variable that makes this program serve the function at the address in it.
pub const RESTATE_ADDRESS: &str = "BENCH_RESTATE_FUNCTION_ADDRESS";

struct Bench;

#[restate_sdk::service]
impl Bench {
    #[handler]
    async fn execute(
        &self,
        context: Context<'_>,
        Json(work): Json<Work>,
    ) -> Result<Json<StepTimes>, HandlerError> {
        match work {
            Work::Steps(count) => Ok(Json(run_steps(count, &context).await?)),
            Work::Wait(seconds) => {
                context.sleep(Duration::from_secs(seconds)).await?;
                Ok(Json(StepTimes::new()))
            }
        }
    }
}

/// Serves the function to Restate until the process is killed, on the runtime that `#[tokio::main]` makes, as in
/// the documentation of its SDK.
pub fn serve_restate(address: &str) {
    let address = address.parse().expect("the program passes an address");
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let server = HttpServer::new(Endpoint::builder().bind(Bench).build());
    runtime.block_on(server.listen_and_serve(address));
}

async fn run_steps(count: u32, context: &Context<'_>) -> Result<StepTimes, TerminalError> {
    let mut times = StepTimes::new();
    for index in 0..count {
        let begin = Instant::now();
        let step = context.run(|| async { Ok(Json(Charge::sample())) }).name(format!("step-{index}"));
        let _charge = step.await?;
        times.push(micros(begin.elapsed()));
    }
    Ok(times)
}
