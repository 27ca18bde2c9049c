//! The durable functions that are measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The input of an execution: what its function does, and how often.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// What it does.
    pub shape: Shape,
    /// How many steps run, each inside an item of its own if it is a map.
    pub count: u32,
}

/// What a function does with its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// Runs them one after the other, called `step-0`, `step-1`, ..., each name made as it goes.
    Steps,
    /// Runs them one after the other, all called `step`.
    Namesakes,
    /// Maps items that have one step each.
    Map,
    /// The same with no record of the items, just of their steps.
    FlatMap,
}

/// What a step returns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The number of the step.
    pub order: u32,
    /// A text as long as descriptions are.
    pub description: String,
    /// Whether it is an even one.
    pub is_even: bool,
}

impl Workload {
    /// The answer of the function.
    pub fn answer(&self) -> u64 {
        (0..self.count).map(|order| Receipt::of(order).weight()).sum()
    }
}

impl Shape {
    const ALL: [Self; 4] = [Self::Steps, Self::Namesakes, Self::Map, Self::FlatMap];
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

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Steps => "steps",
            Self::Namesakes => "namesakes",
            Self::Map => "map",
            Self::FlatMap => "flat-map",
        })
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|shape| shape.to_string() == word)
            .ok_or_else(|| format!("no shape is called {word}"))
    }
}
