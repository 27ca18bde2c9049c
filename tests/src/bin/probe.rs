//! A function that logs each body that runs, and whose code a test can change under a running execution.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use durable::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Probe {
    /// A folder of the test: `log` gets a line for each body, `code` says which code runs.
    folder: PathBuf,
}

/// Which code the function is made of; a deployment under a running execution changes it.
#[derive(Clone, Copy, PartialEq)]
enum Code {
    Original,
    Renamed,
    Replaced,
    Removed,
}

impl Code {
    fn deployed(folder: &Path) -> std::io::Result<Self> {
        Ok(match std::fs::read_to_string(folder.join("code"))?.trim() {
            "renamed" => Self::Renamed,
            "replaced" => Self::Replaced,
            "removed" => Self::Removed,
            _ => Self::Original,
        })
    }
}

fn log(folder: &Path, body: &str) -> std::io::Result<()> {
    let mut log = OpenOptions::new().create(true).append(true).open(folder.join("log"))?;
    writeln!(log, "{body} {}", std::process::id())
}

/// The first time, it hangs until its process is killed.
async fn fragile(folder: &Path) -> std::io::Result<u32> {
    let marker = folder.join("was-here");
    if !marker.exists() {
        File::create(marker)?;
        std::future::pending::<()>().await;
    }
    Ok(4)
}

#[durable::handler]
async fn probe(probe: Probe, ctx: DurableContext) -> Result<u32> {
    let folder = &probe.folder;
    let code = Code::deployed(folder)?;
    let body = async |name: &str, value: u32| -> std::io::Result<u32> {
        log(folder, name)?;
        Ok(value)
    };
    let first = ctx.step("first", async |_| Ok(body("first", 1).await?)).await?;
    let second = match code {
        Code::Original | Code::Removed => ctx.step("second", async |_| Ok(body("second", 2).await?)).await?,
        Code::Renamed => ctx.step("renamed", async |_| Ok(body("renamed", 2).await?)).await?,
        Code::Replaced => {
            ctx.wait("second", Duration::from_secs(1)).await?;
            2
        }
    };
    if code != Code::Removed {
        ctx.wait("pause", Duration::from_secs(2)).await?;
    }
    let third = ctx
        .step("third", async |_| {
            log(folder, "third")?;
            Ok(fragile(folder).await?)
        })
        .await?;
    Ok(first + second + third)
}

#[tokio::main]
async fn main() -> Result<()> {
    durable::run(probe).await
}
