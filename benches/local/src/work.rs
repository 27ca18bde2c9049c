//! The input and the result of an execution, the same for all services.

use serde::{Deserialize, Serialize};

/// What an execution does; the input of the functions.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// Runs this many steps, one after the other.
    Steps(u32),
    /// Waits for this many seconds.
    Wait(u64),
}

/// The result of a step.
#[derive(Serialize, Deserialize)]
pub struct Charge {
    charged: u32,
    currency: String,
}

/// The result of an execution: the microseconds that each step took, as measured in the function.
pub type StepTimes = Vec<u64>;

impl Work {
    pub fn json(self) -> String {
        serde_json::to_string(&self).expect("plain data serializes")
    }
}

impl Charge {
    pub fn sample() -> Self {
        Self { charged: 4_900, currency: "EUR".to_owned() }
    }
}
