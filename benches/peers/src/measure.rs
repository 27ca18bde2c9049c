//! Measures one thing on one SDK.

use std::borrow::Cow;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::{Calls, Heap, Replay, Sdk, Task, Workload};

/// About how many steps a process replays, the first quarter of which only warms it up.
const REPLAYED: u32 = 200_000;

/// What was measured on one SDK.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// How long it took.
    pub time: Duration,
    /// The checkpoints of a first run.
    pub calls: Option<Calls>,
    /// What a replay allocated.
    pub heap: Option<Heap>,
}

/// Replays by turns in processes of their own.
pub fn replay(tasks: &[Task], rounds: usize) -> Vec<Figures> {
    let mut times = vec![Vec::new(); tasks.len()];
    for _ in 0..rounds {
        for (task, times) in tasks.iter().zip(&mut times) {
            let own = std::env::current_exe().expect("a path");
            let printed = run(Command::new(own).arg("time").args(task.to_args()));
            times.extend(printed.split_whitespace().map(|time| time.parse::<u64>().expect("nanoseconds")));
        }
    }
    let figures = |(task, times)| Figures {
        time: Duration::from_nanos(median(times)),
        calls: None,
        heap: Some(count(task)),
    };
    tasks.iter().zip(times).map(figures).collect()
}

/// Runs a workload for the first time, with checkpoints that take this long.
pub fn live(sdk: Sdk, workload: Workload, latency: Duration) -> Figures {
    let live = sdk.live(workload, latency);
    Figures { time: live.time, calls: Some(live.calls), heap: None }
}

/// Runs a workload as a test in the process, `times` times.
pub fn test(sdk: Sdk, workload: Workload, times: usize) -> Figures {
    let nanos = (0..times).map(|_| processor_time_of(|| sdk.test(workload))).collect();
    Figures { time: Duration::from_nanos(median(nanos)), calls: None, heap: None }
}

/// Prints how many nanoseconds of processor time each of many replays took: the process that [`replay`] starts.
pub fn print_times(task: &Task) {
    let payload: &'static [u8] = Vec::leak(task.payload());
    let replay = Replay::new(task.sdk, task.workload);
    let replays = (REPLAYED / task.workload.count).max(4);
    for number in 0..replays {
        let payload = payload.to_vec();
        let took = processor_time_of(|| replay.run(Cow::Owned(payload)));
        if number >= replays / 4 {
            println!("{took}");
        }
    }
}

/// How many nanoseconds of processor time something takes.
///
/// What never waits takes that long on an idle machine; on a busy one it is the better figure.
fn processor_time_of(f: impl FnOnce()) -> u64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    };
    let start = now();
    f();
    (now() - start).as_nanos() as u64
}

fn count(task: &Task) -> Heap {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let heap = ["run", "--quiet", "--release", "--manifest-path", manifest, "--bin", "heap", "--"];
    Heap::parse(&run(Command::new(cargo).args(heap).args(task.to_args())))
}

fn run(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().expect("the process starts");
    assert!(output.status.success(), "{command:?} failed");
    String::from_utf8(output.stdout).expect("text")
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times[times.len() / 2]
}
