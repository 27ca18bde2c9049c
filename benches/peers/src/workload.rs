//! The durable function that is measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The input of the execution: how many steps it has, and how they are named.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// How many steps run, one after the other.
    pub steps: u32,
    /// How they are named.
    pub names: Names,
}

/// How the steps are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Names {
    /// `step-0`, `step-1`, ..., each name made by the function as it goes.
    Distinct,
    /// All are called `step`.
    Equal,
}

/// What a step returns.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The number of the step.
    pub order: u32,
    /// A text as long as descriptions are.
    pub description: String,
    /// Whether it is an even one.
    pub is_even: bool,
}

impl Receipt {
    /// What the step with this number returns.
    pub fn of(order: u32) -> Self {
        let description =
            format!("two pairs of walking shoes and a raincoat, parcel {order:06}, left at the back door");
        Self { order, description, is_even: order.is_multiple_of(2) }
    }

    /// What it adds to the answer of the function.
    pub fn weight(&self) -> u64 {
        u64::from(self.order) + self.description.len() as u64 + u64::from(self.is_even)
    }
}

impl Workload {
    /// The answer of the function, as JSON.
    pub fn answer(&self) -> String {
        (0..self.steps).map(|order| Receipt::of(order).weight()).sum::<u64>().to_string()
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Distinct => "distinct",
            Self::Equal => "equal",
        })
    }
}

impl FromStr for Names {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "distinct" => Ok(Self::Distinct),
            "equal" => Ok(Self::Equal),
            other => Err(format!("no way to name steps is called {other}")),
        }
    }
}
