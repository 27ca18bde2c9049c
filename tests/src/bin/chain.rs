//! A function that runs quick steps one after the other and logs each body.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use durable::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Chain {
    /// A folder of the test: `log` gets a line for each body.
    folder: PathBuf,
    steps: u32,
    /// How long each step takes.
    millis: u64,
}

#[durable::handler]
async fn chain(chain: Chain, ctx: DurableContext) -> Result<u32> {
    let mut sum = 0;
    for step in 0..chain.steps {
        let body = async |_| {
            let mut log = OpenOptions::new().create(true).append(true).open(chain.folder.join("log"))?;
            writeln!(log, "{step} {}", std::process::id())?;
            tokio::time::sleep(Duration::from_millis(chain.millis)).await;
            Ok(step)
        };
        sum += ctx.step("quick", body).await?;
    }
    Ok(sum)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    durable::run(chain).await
}
