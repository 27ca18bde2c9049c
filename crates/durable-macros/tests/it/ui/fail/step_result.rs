//! A step that does not return a `Result`.

use durable::step;

#[step]
async fn answer() -> u32 {
    42
}

fn main() {}
