//! A step whose error is not an error.

use durable::step;

struct Refusal;

#[step]
async fn charge() -> Result<u32, Refusal> {
    Err(Refusal)
}

fn main() {}
