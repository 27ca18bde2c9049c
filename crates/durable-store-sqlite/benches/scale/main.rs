//! Measures the store at scale: lists of 500,000 executions, a full log, and the cost of recording.
//!
//! `cargo bench -p durable-store-sqlite` runs all of it in a few minutes and needs 1 GB of disk. Arguments select parts:
//! `cargo bench -p durable-store-sqlite -- lists logs cost appends`. `DURABLE_BENCH_ROWS` sets another number of executions.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    reason = "a measurement prints its figures, and stops at the first failure"
)]

mod cost;
mod lists;
mod logs;
mod timing;

/// Executions in the store that is searched.
const ROWS: usize = 500_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, to see whether it starts.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let parts: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|part| !part.starts_with('-')).collect();
    let is_wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let rows = std::env::var("DURABLE_BENCH_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if is_wanted("lists") {
            lists::measure(rows).await;
        }
        if is_wanted("logs") {
            logs::measure().await;
        }
        if is_wanted("appends") {
            cost::appends().await;
        }
        if is_wanted("cost") {
            cost::measure().await;
        }
    });
}
