//! The function that scenarios invoke.

use durable::prelude::*;
use serde::{Deserialize, Serialize};

/// What the function is to do.
#[derive(Serialize, Deserialize)]
#[serde(tag = "target", rename_all = "kebab-case")]
pub(crate) enum Target {
    Succeed,
    Fail,
    Wait { delay_seconds: u64 },
}

/// Does what it is to do after a moment in which its caller suspends. This cannot be a wait, which would have a span.
#[durable::handler(allow(nondeterminism))]
pub(crate) async fn target(target: Target, ctx: DurableContext) -> Result<()> {
    tokio::time::sleep(moment()).await;
    match target {
        Target::Succeed => Ok(()),
        Target::Fail => Err(Error::msg("the target fails")),
        Target::Wait { delay_seconds } => {
            ctx.wait("otel-long-target-wait", Duration::from_secs(delay_seconds)).await
        }
    }
}

/// How long the function takes, which the environment contains where its caller runs beside it.
fn moment() -> Duration {
    let milliseconds = std::env::var("TARGET_DURATION_MS").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(milliseconds.unwrap_or(0))
}

/// The name of the function, which the environment contains on Lambda.
pub(super) fn target_function() -> String {
    std::env::var("TARGET_FUNCTION_NAME").unwrap_or_else(|_| "otel-target:$LATEST".to_owned())
}
