//! What the function that decides about retries must be.

use durable::{Error, Result, step};

#[step(retry = exponental)]
async fn misspelled() -> Result<()> {
    Ok(())
}

#[step(retry = one_parameter)]
async fn function_of_the_error_alone() -> Result<()> {
    Ok(())
}

fn one_parameter(_: &Error) -> Option<std::time::Duration> {
    None
}

fn main() {}
