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
        let file = folder.join(format!("{sdk}-{}-{}", workload.shape, workload.count));
        let task = Self { sdk, workload, file };
        task.write();
        task
    }

    /// Records the workload into the file.
    pub fn write(&self) {
        std::fs::write(&self.file, self.sdk.record(self.workload)).expect("the folder is writable");
    }

    /// Reads what [`to_args`](Self::to_args) wrote.
    pub fn from_args(args: impl Iterator<Item = String>) -> Self {
        let args: Vec<_> = args.collect();
        let [sdk, file, shape, count] = args.as_slice() else {
            panic!("expected SDK FILE SHAPE COUNT; run the main program, which knows what to ask")
        };
        let count = count.parse().expect("a count");
        let workload = Workload { shape: shape.parse().expect("a shape"), count };
        Self { sdk: sdk.parse().expect("an SDK"), workload, file: file.into() }
    }

    /// The arguments for a process.
    pub fn to_args(&self) -> [String; 4] {
        let Workload { shape, count } = self.workload;
        [self.sdk.to_string(), self.file.display().to_string(), shape.to_string(), count.to_string()]
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
    /// Bytes of new blocks, all together.
    pub bytes: usize,
    /// The most bytes in use at once, those of the payload included while it lives.
    pub peak: usize,
    /// Bytes of the payload.
    pub payload: usize,
}

impl Heap {
    /// Answers the main program.
    pub fn print(&self) {
        let Self { allocations, bytes, peak, payload } = self;
        println!("{allocations} {bytes} {peak} {payload}");
    }

    /// Reads what [`print`](Self::print) wrote.
    pub fn parse(text: &str) -> Self {
        let numbers: Vec<_> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let [allocations, bytes, peak, payload] = numbers[..] else { panic!("not what a count is: {text}") };
        Self { allocations, bytes, peak, payload }
    }
}
