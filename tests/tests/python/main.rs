//! boto3 drives the local service by endpoint override alone, and Prometheus's client parses its metrics.
//!
//! Skipped, saying so, where `python3` (or the program that `DURABLE_TEST_PYTHON` names) or the package is missing, unless
//! `DURABLE_TEST_REQUIRES_PYTHON` is set.

#[cfg(test)]
mod boto3;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod services;
