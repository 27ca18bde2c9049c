//! Random handlers: trees of operations, run one after the other or side by side.

use std::time::Duration;

use durable_core::{DurableContext, Error, Result, RetryStrategy};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// A part of a handler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Part {
    /// A step that fails so often before it succeeds, tried again after so many seconds.
    Step { failures: u32, delay: u64 },
    /// A step whose failure is caught.
    Failing,
    /// A wait of so many seconds.
    Wait { seconds: u64 },
    /// Parts one after the other, in a child context.
    Child(Vec<Part>),
    /// Parts side by side in one context.
    Join(Vec<Part>),
}

pub(crate) fn parts() -> impl Strategy<Value = Vec<Part>> {
    let leaf = prop_oneof![
        (0_u32..3, 1_u64..5).prop_map(|(failures, delay)| Part::Step { failures, delay }),
        Just(Part::Failing),
        (1_u64..6).prop_map(|seconds| Part::Wait { seconds }),
    ];
    let part = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Part::Child),
            prop::collection::vec(inner, 1..4).prop_map(Part::Join),
        ]
    });
    prop::collection::vec(part, 1..5)
}

/// Runs a program; every operation is named after its place, and tells it.
pub(crate) async fn run(parts: Vec<Part>, ctx: DurableContext) -> Result<Vec<String>> {
    sequence(&parts, "p".to_owned(), &ctx).await
}

async fn sequence(parts: &[Part], place: String, ctx: &DurableContext) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        told.extend(one(part, format!("{place}.{index}"), ctx).await?);
    }
    Ok(told)
}

// Boxed, because a program is as deep as it likes.
fn one<'a>(
    part: &'a Part,
    place: String,
    ctx: &'a DurableContext,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<String>>> + Send + 'a>> {
    Box::pin(async move {
        match part {
            Part::Step { failures, delay } => {
                let step = ctx.step(&place, async |step| {
                    if step.attempt() <= *failures { Err(Error::msg("not yet")) } else { Ok(step.attempt()) }
                });
                let attempts = step.retry(RetryStrategy::fixed(Duration::from_secs(*delay))).await?;
                Ok(vec![format!("{place} after {attempts}")])
            }
            Part::Failing => {
                let step = ctx.step(&place, async |_| Err::<(), _>(Error::msg("never")));
                let error = step.retry(RetryStrategy::none()).await.unwrap_err();
                Ok(vec![error.to_string()])
            }
            Part::Wait { seconds } => {
                ctx.wait(&place, Duration::from_secs(*seconds)).await?;
                Ok(vec![place])
            }
            Part::Child(parts) => {
                let told = ctx
                    .run_in_child_context(&place, async |ctx| sequence(parts, "c".to_owned(), &ctx).await)
                    .await?;
                Ok(told)
            }
            Part::Join(parts) => {
                let branches =
                    parts.iter().enumerate().map(|(index, part)| one(part, format!("{place}-{index}"), ctx));
                let told = futures_util::future::join_all(branches).await;
                Ok(told.into_iter().collect::<Result<Vec<_>>>()?.concat())
            }
        }
    })
}
