//! The measurements, one row or group of rows after the other.

mod idle;
mod measure;
mod restart;
mod samples;
mod start;
mod steps;
mod throughput;

pub use measure::measure;
