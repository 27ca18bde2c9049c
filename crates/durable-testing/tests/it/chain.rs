//! Chains of operations whose moments of completion a test chooses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A wait of so long.
    Wait,
    /// A step that fails once and is tried again after so long.
    Step,
}

/// One operation that takes so many seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) seconds: u64,
}

/// How many attempts of steps succeeded.
pub(crate) static SUCCEEDED: AtomicU32 = AtomicU32::new(0);

/// Runs the links one after the other and tells their names.
pub(crate) async fn run(links: &[Link], ctx: &DurableContext) -> Result<Vec<String>> {
    let mut done = Vec::new();
    for link in links {
        let duration = Duration::from_secs(link.seconds);
        match link.kind {
            Kind::Wait => {
                ctx.wait(&link.name, duration).await?;
                done.push(link.name.clone());
            }
            Kind::Step => {
                let step = ctx.step(&link.name, async |step| match step.attempt() {
                    1 => Err(Error::msg("the first attempt fails")),
                    _ => {
                        SUCCEEDED.fetch_add(1, Ordering::SeqCst);
                        Ok(link.name.clone())
                    }
                });
                done.push(step.retry(RetryStrategy::fixed(duration)).await?);
            }
        }
    }
    Ok(done)
}

/// Two chains side by side in one context.
pub(crate) async fn side_by_side(
    (left, right): (Vec<Link>, Vec<Link>),
    ctx: DurableContext,
) -> Result<Vec<String>> {
    let (left, right) = tokio::join!(run(&left, &ctx), run(&right, &ctx));
    Ok([left?, right?].concat())
}

/// The links of a chain, from what its operations are and the moments at which they are to complete.
pub(crate) fn links(prefix: &str, kinds: &[Kind], moments: &[u64]) -> Vec<Link> {
    let before = std::iter::once(&0).chain(moments);
    let timed = kinds.iter().zip(moments).zip(before).enumerate();
    timed
        .map(|(index, ((kind, moment), before))| Link {
            name: format!("{prefix}{index}"),
            kind: *kind,
            seconds: moment - before,
        })
        .collect()
}
