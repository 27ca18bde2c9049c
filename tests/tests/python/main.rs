//! boto3 drives the local service by endpoint override alone.
//!
//! Skipped, saying so, where `python3` (or the program that `DURABLE_TEST_PYTHON` names) or boto3 is missing, unless
//! `DURABLE_TEST_REQUIRES_PYTHON` is set.

#[cfg(test)]
mod boto3;
#[cfg(test)]
mod services;
