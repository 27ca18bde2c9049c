//! What the options of a step must not be.

use durable::{Result, step};

#[step(retries = 3)]
async fn unknown_option() -> Result<()> {
    Ok(())
}

#[step(at_most_once, at_most_once)]
async fn twice() -> Result<()> {
    Ok(())
}

#[step(at_most_once, at_most_once_per_retry)]
async fn two_semantics() -> Result<()> {
    Ok(())
}

#[step(name = "")]
async fn empty_name() -> Result<()> {
    Ok(())
}

#[step(name = "größe")]
async fn name_not_ascii() -> Result<()> {
    Ok(())
}

#[step(name)]
async fn name_without_value() -> Result<()> {
    Ok(())
}

#[step(retry = 3)]
async fn number_for_strategy() -> Result<()> {
    Ok(())
}

#[step(retry = quadratic(max_attempts = 3))]
async fn unknown_strategy() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(max_attempts = 0))]
async fn no_attempts() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(initial_delay = "500ms"))]
async fn milliseconds() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(initial_delay = 5))]
async fn number_for_duration() -> Result<()> {
    Ok(())
}

#[step(retry = fixed("400d"))]
async fn too_long() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(backoff_rate = 0.5))]
async fn shrinking() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(jitter = some))]
async fn unknown_jitter() -> Result<()> {
    Ok(())
}

#[step(retry = linear(backoff_rate = 2.0))]
async fn rate_of_linear() -> Result<()> {
    Ok(())
}

#[step(retry = fixed)]
async fn fixed_without_delay() -> Result<()> {
    Ok(())
}

#[step(retry = fixed("5s", backoff_rate = 2))]
async fn rate_of_fixed() -> Result<()> {
    Ok(())
}

#[step(retry = none(max_attempts = 2))]
async fn attempts_of_none() -> Result<()> {
    Ok(())
}

#[step(retry = exponential(initial_delay = "10m"))]
async fn above_the_default() -> Result<()> {
    Ok(())
}

#[step(retry = linear(max_delay = "1m", initial_delay = "90s"))]
async fn above_the_longest() -> Result<()> {
    Ok(())
}

fn main() {}
