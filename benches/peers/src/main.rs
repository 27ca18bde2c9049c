//! Prints the tables of the comparison: see the docs of the library for what is measured and how.

use std::borrow::Cow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use peers::{Heap, Names, Replay, Sdk, Task, Workload};
use rustix::time::{ClockId, clock_gettime};

/// How often the processes of the SDKs take turns.
const ROUNDS: usize = 3;
/// About how many steps a process replays, the first quarter of which only warms it up.
const REPLAYED: u32 = 400_000;

fn main() {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        None => compare(),
        Some("time") => time(&Task::from_args(args)),
        Some(other) => panic!("unknown argument {other}; there are none"),
    }
}

fn compare() {
    let folder = tempfile::tempdir().expect("a folder for payloads");
    println!("Replay of recorded steps, per step; heap in MB");
    println!(
        "{:>7} {:8} {:8} {:>6} {:>6} {:>7} {:>8} {:>7} {:>8} {:>6} {:>6} {:>11}",
        "steps",
        "names",
        "SDK",
        "us",
        "ratio",
        "allocs",
        "reallocs",
        "bytes",
        "payload",
        "peak",
        "ratio",
        "w/o payload"
    );
    for (steps, names) in [
        (10_000, Names::Distinct),
        (50_000, Names::Distinct),
        (100_000, Names::Distinct),
        (10_000, Names::Equal),
    ] {
        replay(Workload { steps, names }, folder.path());
    }
    println!();
    println!("First run of 200 steps, one after the other, at 10 ms a call");
    println!("{:8} {:>6} {:>12}", "SDK", "calls", "ms per step");
    let workload = Workload { steps: 200, names: Names::Distinct };
    for sdk in Sdk::ALL {
        let live = sdk.live(workload, Duration::from_millis(10));
        let per_step = live.time.as_secs_f64() * 1e3 / f64::from(workload.steps);
        println!("{sdk:8} {:>6} {per_step:>12.1}", live.calls);
    }
}

fn replay(workload: Workload, folder: &Path) {
    let tasks = Sdk::ALL.map(|sdk| Task::record(sdk, workload, folder));
    let mut times = Sdk::ALL.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (task, times) in tasks.iter().zip(&mut times) {
            let printed =
                run(Command::new(std::env::current_exe().expect("a path")).arg("time").args(task.to_args()));
            times.extend(printed.split_whitespace().map(|time| time.parse::<u64>().expect("nanoseconds")));
        }
    }
    let steps = f64::from(workload.steps);
    let best = times.clone().map(|times| median(times) / steps / 1e3);
    for (task, micros) in tasks.iter().zip(best) {
        let heap = count(task);
        let payload = task.payload().len() as f64;
        println!(
            "{:>7} {:8} {:8} {micros:>6.2} {:>6.2} {:>7.1} {:>8.1} {:>7.0} {:>8.2} {:>6.2} {:>6.2} {:>11.2}",
            workload.steps,
            workload.names,
            task.sdk,
            micros / best[0],
            heap.allocations as f64 / steps,
            heap.reallocations as f64 / steps,
            heap.bytes as f64 / steps,
            payload / 1e6,
            heap.peak as f64 / 1e6,
            heap.peak as f64 / payload,
            heap.peak_beside_payload as f64 / payload,
        );
    }
}

/// Prints how many nanoseconds of processor time each replay took.
///
/// A replay never waits, so on an idle machine that is also the time that passes; on a busy one it is the better figure.
fn time(task: &Task) {
    let payload: &'static [u8] = Vec::leak(task.payload());
    let replay = Replay::new(task.sdk, task.workload);
    let replays = (REPLAYED / task.workload.steps).max(4);
    for number in 0..replays {
        let payload = payload.to_vec();
        let start = processor_time();
        replay.run(Cow::Owned(payload));
        let took = processor_time() - start;
        if number >= replays / 4 {
            println!("{}", took.as_nanos());
        }
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
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

fn median(mut times: Vec<u64>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2] as f64
}
