//! Writes a report that is too large for records, and keeps its parts in files.
//!
//! `cargo run --bin durable -- run report --input examples/report.json`
//!
//! The files go into the folder that `REPORT_FILES` names, or into `.durable/files`. On Lambda that must be a mount that
//! all sandboxes share, such as EFS: what is in `/tmp` is gone in the next invocation.

use durable::prelude::*;
use durable::serdes::FileSystemSerdes;
use serde::Deserialize;
use tracing::info;

#[derive(Deserialize)]
struct Order {
    title: String,
    chapters: usize,
}

fn folder() -> String {
    std::env::var("REPORT_FILES").unwrap_or_else(|_| ".durable/files".to_owned())
}

#[durable::step]
async fn write_chapter(title: &str, chapter: usize) -> Result<String> {
    info!(chapter, "writing");
    Ok(format!("{title}, chapter {chapter}. ").repeat(20_000))
}

#[durable::handler]
async fn report(order: Order, ctx: DurableContext) -> Result<String> {
    // From here on every value that is too large for its record goes into a file.
    let ctx = ctx.with_serdes(FileSystemSerdes::new(folder()).on_overflow());
    let chapters = ctx
        .map("chapters", 1..=order.chapters, async |ctx, chapter, _| {
            write_chapter(&ctx, &order.title, chapter).await
        })
        .await?
        .into_result()?;
    let report = ctx.step("bind", async |_| Ok(chapters.concat())).await?;
    ctx.wait("proofread", Duration::from_secs(2)).await?;
    info!(bytes = report.len(), "read again after the wait");
    Ok(format!("{} has {} bytes", order.title, report.len()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    durable_examples::log_to_stderr();
    // The serdes does not create its folder: on Lambda, that would hide a mount that failed.
    std::fs::create_dir_all(folder())?;
    durable::run(report).await
}
