//! Steps as they may be written.

#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, rust_2018_idioms)]

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use durable::{DurableContext, Error, Result, StepContext, step};
use durable::error::BoxError;
use durable::operation::{Operation as _, StepScope};
use durable::retry::{FixedDelay, RetryDecision, RetryStrategy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Order {
    id: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Declined(String);

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Declined {}

/// Has docs, options and an error that comes back typed.
#[step(retry = exponential(max_attempts = 5, initial_delay = "2s", max_delay = "1m", jitter = full))]
async fn charge(order: &Order) -> Result<usize, Declined> {
    if order.id.is_empty() {
        return Err(Declined("no id".to_owned()));
    }
    Ok(order.id.len())
}

/// Waits as long as the server asks for.
fn retry_after(_: &Error, attempt: u32) -> Option<Duration> {
    (attempt < 3).then(|| Duration::from_secs(u64::from(attempt)))
}

const RARELY: FixedDelay = RetryStrategy::fixed(Duration::from_hours(1)).max_attempts(2);

#[step(retry = retry_after, at_most_once_per_retry)]
async fn as_the_server_asks() -> Result<()> {
    Ok(())
}

#[step(retry = self::RARELY)]
async fn rarely() -> Result<()> {
    Ok(())
}

#[step(name = "with everything", at_most_once, retry = fixed("5s", max_attempts = 2))]
async fn everything(step: StepContext, order: Order, (a, b): (u32, u32), mut n: u32) -> Result<u32> {
    n += a + b + step.attempt();
    Ok(n + u32::try_from(order.id.len())?)
}

#[step(retry = none)]
async fn context_by_reference(step: &StepContext, name: Cow<'_, str>) -> std::io::Result<String> {
    std::future::ready(()).await;
    Ok(format!("{name} {}", step.attempt()))
}

#[step]
async fn impl_trait(text: &str, measure: impl Fn(&str) -> usize + Clone + Send + Sync) -> Result<usize> {
    Ok(measure(text))
}

#[step]
async fn owned_impl_trait(
    text: String,
    measure: impl Fn(&str) -> usize + Clone + Send + Sync + 'static,
) -> Result<usize> {
    Ok(measure(&text))
}

#[step]
async fn borrowed_impl_trait(measure: &(impl Fn() -> usize + Sync), text: &(impl AsRef<str> + Sync)) -> Result<usize> {
    Ok(measure() + text.as_ref().len())
}

#[step]
async fn generic<'a, T, const N: usize, U>(value: &'a T, _rest: &'a [u8; N]) -> Result<U>
where
    T: Serialize + Sync,
    U: Serialize + DeserializeOwned + Send + Sync,
{
    let text = serde_json::to_string(value)?;
    Ok(serde_json::from_str(&text)?)
}

#[step]
async fn boxed_error(r#type: &str) -> std::result::Result<String, BoxError> {
    Err(r#type.into())
}

#[step]
async fn text_error() -> std::result::Result<(), String> {
    Err("no".to_owned())
}

#[step(crate = ::durable)]
async fn own_error() -> Result<()> {
    Err(Error::msg("no"))
}

#[step]
async fn refund(id: &str) -> Result<()> {
    if id.is_empty() { Err(Error::msg("no id")) } else { Ok(()) }
}

#[cfg(any())]
#[step]
async fn left_out() -> DoesNotExist {}

#[step]
#[cfg(any())]
async fn left_out_too() -> Result<DoesNotExist> {}

#[step]
#[expect(clippy::unused_async, reason = "lint levels of the function hold for its body")]
async fn r#match() -> Result<u32> {
    Ok(1)
}

async fn handler(order: Order, ctx: DurableContext) -> Result<()> {
    #[step]
    async fn local(order: &Order) -> Result<String> {
        Ok(order.id.clone())
    }

    let _paid: usize = charge(&ctx, &order).await?;
    let _paid: usize = charge(&ctx, &order).retry(RetryStrategy::none()).await?;
    let first = Some(Duration::from_secs(1));
    charge(&ctx, &order).retry(|_: &Error, attempt| if attempt == 1 { first } else { None }).await?;
    charge(&ctx, &order).retry(|_: &Error, _| RetryDecision::Stop).await?;
    as_the_server_asks(&ctx).retry(retry_after).await?;
    rarely(&ctx).await?;
    let _tried: Result<usize, Declined> = charge::call(&order).await;
    let _sum: u32 = everything(&ctx, order.clone(), (1, 2), 3).await?;
    let _name: String = context_by_reference(&ctx, Cow::Borrowed(&order.id)).await?;
    let _length: usize = impl_trait(&ctx, &order.id, |text| text.len()).await?;
    let _length: usize = borrowed_impl_trait(&ctx, &|| 1, &order.id).await?;
    let _copy: Vec<u32> = generic(&ctx, &[1, 2], &[1, 2]).await?;
    boxed_error(&ctx, &order.id).await?;
    text_error(&ctx).await?;
    own_error(&ctx).await?;
    r#match(&ctx).await?;
    let spawned = everything(&ctx, order.clone(), (1, 2), 3).spawn();
    let measured = owned_impl_trait(&ctx, "text".to_owned(), |text| text.len()).spawn();
    let _sums: (u32, usize) = (spawned.await?, measured.await?);
    let trip = ctx
        .saga("trip", async |_, saga| {
            let paid: usize = charge(&saga, &order).compensate(async |_, _| Ok(())).await?;
            let length = impl_trait(&saga, "text", |text| text.len()).retry(RetryStrategy::none());
            let length: usize = length.compensate(async |_: usize, _| Ok(())).compensation_name("undo").await?;
            let undo = async |_, _| refund::call("id").await;
            everything(&saga, order.clone(), (1, 2), 3).compensate(undo).await?;
            Ok(paid + length)
        })
        .await?;
    refund(&&ctx, "id").await?;
    let steps = [charge(&ctx, &order), charge(&ctx, &order)];
    for step in steps {
        step.await?;
    }
    local(&ctx, &order).await?;
    in_either(&ctx, &order);
    let _ = trip;
    Ok(())
}

/// Code that does not know what the step starts in.
fn in_either<'o, S: StepScope>(scope: &S, order: &'o Order) {
    let _ = charge(scope, order);
}

fn is_send<T: Send>(_: impl Fn(Order, DurableContext) -> T) {}

fn main() {
    is_send(handler);
    assert_eq!(charge::NAME, "charge");
    assert_eq!(everything::NAME, "with everything");
    assert_eq!(r#match::NAME, "match");
}
