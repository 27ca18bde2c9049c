//! Repeats a query and prints how long it takes.

use std::future::Future;
use std::time::{Duration, Instant};

/// Times that a query is repeated.
const REPETITIONS: usize = 50;
/// Time after which a slow query is repeated no more.
const PATIENCE: Duration = Duration::from_secs(2);

/// Prints the median and the maximum time of a query, and how much it found.
pub(crate) async fn time<F: Future<Output = usize>>(label: &str, mut query: impl FnMut() -> F) {
    let begun = Instant::now();
    let mut times = Vec::new();
    let mut found = 0;
    while times.len() < REPETITIONS && begun.elapsed() < PATIENCE {
        let started = Instant::now();
        found = query().await;
        times.push(started.elapsed());
    }
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (p50, max) = (millis(times[times.len() / 2]), millis(times[times.len() - 1]));
    println!("{label:<58} p50 {p50:>8.2} ms   max {max:>8.2} ms   {found:>5} found");
}
