//! The measurements, one after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::function::Work;
use crate::http::Connection;
use crate::service::{Running, Service};
use crate::spread::Spread;

/// How much of everything.
pub struct Sizes {
    starts: usize,
    /// Steps of executions that are measured one after the other.
    steps: &'static [usize],
    /// How many executions at a time.
    at_once: &'static [usize],
    seconds: u64,
    finished: usize,
    waiting: usize,
}

impl Sizes {
    pub const FULL: Self = Self {
        starts: 7,
        steps: &[1_000, 10_000],
        at_once: &[1, 8, 64],
        seconds: 10,
        finished: 10_000,
        waiting: 1_000,
    };
    /// The same without what would take an hour where a step costs more with every step before it.
    pub const WITHOUT_LONG_EXECUTIONS: Self = Self { steps: &[1_000], ..Self::FULL };
}

/// Measures a service and prints each figure as it comes.
pub fn measure(service: &dyn Service, sizes: &Sizes) {
    println!("{} ({}, {})", service.name(), cpu(), fsync());
    let folder = tempfile::tempdir().expect("a folder");
    starts(service, sizes);
    let running = service.start(&folder.path().join("data"));
    for count in sizes.steps {
        sequential(&running, *count);
    }
    let mut finished = sizes.steps.len();
    for at_once in sizes.at_once {
        finished += throughput(&running, *at_once, Duration::from_secs(sizes.seconds));
    }
    if sizes.finished > 0 {
        fill(&running, sizes.finished.saturating_sub(finished), sizes.waiting);
        full(service, running, &folder.path().join("data"), finished.max(sizes.finished), sizes.waiting);
    }
}

/// How long an empty service takes to be ready, and what it holds then.
fn starts(service: &dyn Service, sizes: &Sizes) {
    let start = || {
        let folder = tempfile::tempdir().expect("a folder");
        let begin = Instant::now();
        let running = service.start(&folder.path().join("data"));
        let took = micros(begin.elapsed());
        std::thread::sleep(Duration::from_millis(300));
        (took, running.process.memory())
    };
    let (took, memory): (Vec<_>, Vec<_>) = (0..sizes.starts).map(|_| start()).unzip();
    let took = Spread::new(took);
    println!("  start to ready        {:9.1} ms, best {:.1} ms", took.quantile(0.5), took.quantile(0.0));
    println!("  memory when idle      {:9.1} MB", megabytes(memory[memory.len() / 2]));
}

fn sequential(running: &Running, count: usize) {
    let mut connection = Connection::new(&running.address);
    let begin = Instant::now();
    let result = (running.execute)(&mut connection, Work::Steps(count)).expect("a result");
    let took = begin.elapsed();
    let each: Vec<u64> = serde_json::from_str(&result).expect("durations");
    let tenth = (count / 10).max(1);
    let first = Spread::new(each[..tenth].to_vec()).quantile(0.5);
    let last = Spread::new(each[count - tenth..].to_vec()).quantile(0.5);
    let all = Spread::new(each);
    println!(
        "  {count:6} steps in a row {:8.2} s; a checkpoint p50 {:.2} ms, p99 {:.2} ms; first tenth {first:.2} ms, last \
         tenth {last:.2} ms",
        took.as_secs_f64(),
        all.quantile(0.5),
        all.quantile(0.99)
    );
}

/// Executions of three steps, so many at a time. Gives how many there were.
fn throughput(running: &Running, at_once: usize, duration: Duration) -> usize {
    let begin = Instant::now();
    let run = || {
        let mut connection = Connection::new(&running.address);
        let (mut took, mut checkpoints) = (Vec::new(), Vec::new());
        while begin.elapsed() < duration {
            let begin = Instant::now();
            let result = (running.execute)(&mut connection, Work::Steps(3)).expect("a result");
            took.push(micros(begin.elapsed()));
            checkpoints.extend(serde_json::from_str::<Vec<u64>>(&result).expect("durations"));
        }
        (took, checkpoints)
    };
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a caller")).collect::<Vec<_>>()
    });
    let elapsed = begin.elapsed().as_secs_f64();
    let (took, checkpoints): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let (took, checkpoints) = (took.concat(), Spread::new(checkpoints.concat()));
    let count = took.len();
    let took = Spread::new(took);
    println!(
        "  {at_once:3} at a time         {:9.1} executions of 3 steps a second ({:.0} a minute), each p50 {:.1} ms, p99 \
         {:.1} ms; a checkpoint p50 {:.2} ms, p99 {:.2} ms",
        count as f64 / elapsed,
        count as f64 / elapsed * 60.0,
        took.quantile(0.5),
        took.quantile(0.99),
        checkpoints.quantile(0.5),
        checkpoints.quantile(0.99)
    );
    count
}

/// Adds executions that finish and executions that wait.
fn fill(running: &Running, finished: usize, waiting: usize) {
    std::thread::scope(|scope| {
        for share in 0..8 {
            scope.spawn(move || {
                let mut connection = Connection::new(&running.address);
                for _ in (share..finished).step_by(8) {
                    (running.execute)(&mut connection, Work::Steps(3));
                }
                for _ in (share..waiting).step_by(8) {
                    (running.execute)(&mut connection, Work::Wait);
                }
            });
        }
    });
    // Until the last of them waits.
    std::thread::sleep(Duration::from_secs(5));
}

/// What a service holds with all that in its store, and how long it takes to start.
fn full(service: &dyn Service, running: Running, folder: &Path, finished: usize, waiting: usize) {
    println!("  with {finished} finished and {waiting} waiting executions");
    println!("    memory              {:9.1} MB", megabytes(running.process.memory()));
    drop(running);
    let size: u64 = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|file| Some(file.ok()?.metadata().ok()?.len()))
        .sum();
    println!("    on disk             {:9.1} MB", megabytes(size));
    let begin = Instant::now();
    let again = service.start(folder);
    let took = begin.elapsed();
    std::thread::sleep(Duration::from_secs(1));
    println!("    start after a kill  {:9.1} ms", took.as_secs_f64() * 1e3);
    println!("    memory after that   {:9.1} MB", megabytes(again.process.memory()));
    drop(again);
    let begin = Instant::now();
    drop(service.start(folder));
    println!("    start once more     {:9.1} ms", begin.elapsed().as_secs_f64() * 1e3);
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// How long the disk takes to have something for good, which bounds everything else.
fn fsync() -> String {
    use std::io::Write;
    let mut file = tempfile::tempfile().expect("a file");
    let sync = |_| {
        let begin = Instant::now();
        file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("a disk");
        micros(begin.elapsed())
    };
    let spread = Spread::new((0..200).map(sync).collect());
    format!("fsync p50 {:.2} ms, p99 {:.2} ms", spread.quantile(0.5), spread.quantile(0.99))
}

/// Processors, and how many others wait for them.
fn cpu() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    format!("{processors} processors, load {}", load.split(' ').next().unwrap_or_default())
}
