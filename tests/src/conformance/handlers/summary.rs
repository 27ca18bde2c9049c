//! What a batch came to, as the requirements tell it.

use durable::batch::BatchResult;
use serde::{Deserialize, Serialize};

/// What a batch came to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    completion_reason: String,
    status: String,
    success_count: usize,
    failure_count: usize,
    total_count: usize,
}

impl Summary {
    pub(crate) fn of<T>(batch: &BatchResult<T>) -> Self {
        Self {
            completion_reason: batch.completion_reason().as_str().to_owned(),
            status: if batch.has_failure() { "FAILED" } else { "SUCCEEDED" }.to_owned(),
            success_count: batch.success_count(),
            failure_count: batch.failure_count(),
            total_count: batch.len(),
        }
    }
}

/// Why a batch was complete, and how many items succeeded.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Successes {
    completion_reason: String,
    success_count: usize,
    total_count: usize,
}

impl Successes {
    pub(crate) fn of<T>(batch: &BatchResult<T>) -> Self {
        Self {
            completion_reason: batch.completion_reason().as_str().to_owned(),
            success_count: batch.success_count(),
            total_count: batch.len(),
        }
    }
}

/// The same with failures.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    completion_reason: String,
    success_count: usize,
    failure_count: usize,
    total_count: usize,
}

impl Counts {
    pub(crate) fn of<T>(batch: &BatchResult<T>) -> Self {
        Self {
            completion_reason: batch.completion_reason().as_str().to_owned(),
            success_count: batch.success_count(),
            failure_count: batch.failure_count(),
            total_count: batch.len(),
        }
    }
}
