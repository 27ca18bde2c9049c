//! The table that the main program prints.

use std::time::Duration;

use crate::{Figures, Sdk, Workload};

/// Prints the names of the columns.
pub fn print_head() {
    println!(
        "{:11} {:9} {:>6} {:13} {:>9} {:>9} {:>6} {:>6} {:>6} {:>7} {:>7} {:>8} {:>7} {:>6}",
        "what",
        "function",
        "count",
        "SDK",
        "ms",
        "us each",
        "ratio",
        "calls",
        "ms per",
        "allocs",
        "bytes",
        "payload",
        "peak",
        "ratio"
    );
}

/// Prints what one SDK took beside what the first one took. Allocations and bytes are for each; sizes are in MB.
pub fn print_row(what: &str, workload: Workload, sdk: Sdk, figures: &Figures, first: &Figures) {
    let Workload { shape, count } = workload;
    let each = |total: f64| total / f64::from(count);
    let ratio = figures.time.as_secs_f64() / first.time.as_secs_f64();
    let (millis, micros) = (millis(figures.time), each(millis(figures.time)) * 1e3);
    print!("{what:11} {shape:9} {count:>6} {sdk:13} {millis:>9.1} {micros:>9.2} {ratio:>6.2}");
    if let Some(calls) = figures.calls {
        let per_call = self::millis(calls.time) / calls.count as f64;
        print!(" {:>6} {per_call:>6.2}", calls.count);
    }
    if let Some(heap) = figures.heap {
        let (allocations, bytes) = (each(heap.allocations as f64), each(heap.bytes as f64));
        let (payload, peak) = (heap.payload as f64, heap.peak as f64);
        print!(" {:13} {allocations:>7.1} {bytes:>7.0}", "");
        print!(" {:>8.2} {:>7.2} {:>6.2}", payload / 1e6, peak / 1e6, peak / payload);
    }
    println!();
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
