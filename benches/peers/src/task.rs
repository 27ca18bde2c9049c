//! What the main program asks of a process that measures, and what that answers.

use std::path::{Path, PathBuf};

use crate::{Sdk, Workload};

/// A replay to be measured, as arguments of a process.
#[derive(Clone, Debug)]
pub struct Task {
    /// Whose replay.
    pub sdk: Sdk,
    /// Of what.
    pub workload: Workload,
    file: PathBuf,
}

impl Task {
    /// Records the workload for replays of it, into a file of this folder.
    pub fn record(sdk: Sdk, workload: Workload, folder: &Path) -> Self {
        let file = folder.join(format!("{sdk}-{}-{}", workload.steps, workload.names));
        std::fs::write(&file, sdk.record(workload)).expect("the folder is writable");
        Self { sdk, workload, file }
    }

    /// Reads what [`to_args`](Self::to_args) wrote.
    pub fn from_args(args: impl Iterator<Item = String>) -> Self {
        let args: Vec<_> = args.collect();
        let [sdk, file, steps, names] = args.as_slice() else {
            panic!("expected SDK FILE STEPS NAMES; run the main program, which knows what to ask")
        };
        let steps = steps.parse().expect("a number of steps");
        let workload = Workload { steps, names: names.parse().expect("a way to name steps") };
        Self { sdk: sdk.parse().expect("an SDK"), workload, file: file.into() }
    }

    /// The arguments for a process.
    pub fn to_args(&self) -> [String; 4] {
        let Workload { steps, names } = self.workload;
        [self.sdk.to_string(), self.file.display().to_string(), steps.to_string(), names.to_string()]
    }

    /// The payload to replay.
    pub fn payload(&self) -> Vec<u8> {
        std::fs::read(&self.file).expect("the main program recorded it")
    }
}

/// What one replay allocated.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// New blocks.
    pub allocations: usize,
    /// Blocks that grew or shrank.
    pub reallocations: usize,
    /// Bytes of new blocks, all together.
    pub bytes: usize,
    /// The most bytes in use at once, those of the payload included while it lives.
    pub peak: usize,
    /// The same without those of the payload.
    pub peak_beside_payload: usize,
}

impl Heap {
    /// Answers the main program.
    pub fn print(&self) {
        let Self { allocations, reallocations, bytes, peak, peak_beside_payload } = self;
        println!("{allocations} {reallocations} {bytes} {peak} {peak_beside_payload}");
    }

    /// Reads what [`print`](Self::print) wrote.
    pub fn parse(text: &str) -> Self {
        let numbers: Vec<_> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let [allocations, reallocations, bytes, peak, peak_beside_payload] = numbers[..] else {
            panic!("not what a count is: {text}")
        };
        Self { allocations, reallocations, bytes, peak, peak_beside_payload }
    }
}
