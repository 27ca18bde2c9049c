//! The buckets of histograms, which all layers of a service share so that their metrics can be compared.

use prometheus_client::metrics::histogram::Histogram;

/// Creates a histogram of the durations of requests and invocations in seconds, from 1 ms to the longest invocation.
pub fn durations() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
        900.0,
    ])
}

/// Creates a histogram of the durations of writes to a disk in seconds, from 100 µs to 10 s.
pub fn write_durations() -> Histogram {
    Histogram::new([
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    ])
}

/// Creates a histogram of the sizes of batches, in powers of two from 1 to 4,096.
pub fn batch_sizes() -> Histogram {
    Histogram::new((0..=12_i32).map(|power| f64::from(1_u32 << power)))
}
