//! Runs the workloads on whichever SDK.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::{Calls, Ledger, Workload, aws, durable};

/// An SDK for durable functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sdk {
    /// This project.
    Durable,
    /// aws-durable-execution-sdk, from the Rust registry.
    Aws,
    /// The same with its option to record in batches, which matters on first runs alone.
    AwsBatching,
}

impl Sdk {
    /// All that are compared where batches matter.
    pub const ALL: [Self; 3] = [Self::Durable, Self::Aws, Self::AwsBatching];
    /// All that are compared where they do not.
    pub const DEFAULTS: [Self; 2] = [Self::Durable, Self::Aws];

    /// The payload of an invocation that finds everything recorded.
    pub fn record(self, workload: Workload) -> Vec<u8> {
        let function = Function::new(self, workload, Duration::ZERO);
        let fresh = function.ledger().payload();
        function.invoke_checked(fresh.into());
        function.ledger().payload()
    }

    /// Runs the workload for the first time, with checkpoints that take this long.
    pub fn live(self, workload: Workload, latency: Duration) -> Live {
        let function = Function::new(self, workload, latency);
        let fresh = function.ledger().payload();
        let start = Instant::now();
        function.invoke_checked(fresh.into());
        Live { time: start.elapsed(), calls: function.ledger().calls() }
    }

    /// Runs the workload as a test in the process, with what the SDK offers for that.
    ///
    /// # Panics
    /// If the answer is not the right one.
    pub fn test(self, workload: Workload) {
        let answer = match self {
            Self::Durable => durable::test(workload),
            Self::Aws | Self::AwsBatching => aws::test(workload),
        };
        assert_eq!(answer, workload.answer());
    }
}

/// What a first run took.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// From payload to answer.
    pub time: Duration,
    /// The checkpoints.
    pub calls: Calls,
}

/// Replays a workload over and over.
pub struct Replay(Function);

impl Replay {
    /// A function on this SDK, as it is after its cold start.
    pub fn new(sdk: Sdk, workload: Workload) -> Self {
        Self(Function::new(sdk, workload, Duration::ZERO))
    }

    /// One invocation in which everything is replayed.
    ///
    /// # Panics
    /// If it was not a replay.
    pub fn run(&self, payload: Cow<'static, [u8]>) {
        self.0.invoke_checked(payload);
        assert_eq!(self.0.ledger().calls().count, 0, "a replay records nothing");
    }
}

/// The runtime that functions run on: the handler's thread is the only one.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the system has threads and clocks")
}

struct Function {
    on_sdk: OnSdk,
    /// What it must answer.
    expected: String,
}

enum OnSdk {
    Durable(durable::Function),
    Aws(aws::Function),
}

impl Function {
    fn new(sdk: Sdk, workload: Workload, latency: Duration) -> Self {
        let on_sdk = match sdk {
            Sdk::Durable => OnSdk::Durable(durable::Function::new(workload, latency)),
            Sdk::Aws => OnSdk::Aws(aws::Function::new(workload, latency, false)),
            Sdk::AwsBatching => OnSdk::Aws(aws::Function::new(workload, latency, true)),
        };
        Self { on_sdk, expected: format!(r#""Result":"{}""#, workload.answer()) }
    }

    fn ledger(&self) -> &Ledger {
        match &self.on_sdk {
            OnSdk::Durable(function) => function.ledger(),
            OnSdk::Aws(function) => function.ledger(),
        }
    }

    fn invoke_checked(&self, payload: Cow<'static, [u8]>) {
        let answer = match &self.on_sdk {
            OnSdk::Durable(function) => function.invoke(payload),
            OnSdk::Aws(function) => function.invoke(payload),
        };
        let answer = String::from_utf8(answer).expect("answers are text");
        assert!(answer.contains(&self.expected), "{answer} instead of {}", self.expected);
    }
}

impl fmt::Display for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Durable => "durable",
            Self::Aws => "aws",
            Self::AwsBatching => "aws, batching",
        })
    }
}

impl FromStr for Sdk {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|sdk| sdk.to_string() == word)
            .ok_or_else(|| format!("no SDK is called {word}"))
    }
}
