//! Executions of three steps, by callers who wait for the result and start the next.

use std::time::{Duration, Instant};

use bench_harness::Table;

use super::samples::Samples;
use crate::contender::Contender;
use crate::cpu_time::CpuTime;
use crate::plan::Plan;
use crate::quantiles::Quantiles;
use crate::units::{megabytes, micros, milliseconds};
use crate::work::{StepTimes, Work};

const WORK: Work = Work::Steps(3);

/// What one service did in one round.
struct Throughput {
    elapsed: Duration,
    executions: Quantiles,
    steps: Quantiles,
    cpu: CpuTime,
    growth: Growth,
    /// Resident bytes of the service at the end.
    memory: u64,
}

/// By how much the data folder grew, and during how many executions.
struct Growth {
    bytes: f64,
    executions: f64,
}

impl Growth {
    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, executions: self.executions + other.executions }
    }
}

/// What callers saw, in microseconds.
#[derive(Default)]
struct Times {
    executions: Vec<u64>,
    steps: StepTimes,
}

impl Times {
    fn merge(mut self, other: Self) -> Self {
        self.executions.extend(other.executions);
        self.steps.extend(other.steps);
        self
    }
}

pub fn measure(contenders: &mut [Contender], plan: &Plan, table: &Table) {
    let all_growth: Vec<Samples<Growth>> =
        plan.callers.iter().map(|callers| measure_callers(contenders, *callers, plan, table)).collect();
    // Files grow in chunks, so all executions of a round are taken together.
    let total = all_growth.into_iter().reduce(|sum, growth| sum.merge(growth, Growth::add));
    if let Some(total) = total {
        let kilobytes = |growth: &Growth| growth.bytes / growth.executions / 1e3;
        table.row("on disk per execution, kB", &total.figures(kilobytes));
    }
}

/// Returns how much the data folders grew.
fn measure_callers(
    contenders: &mut [Contender],
    callers: usize,
    plan: &Plan,
    table: &Table,
) -> Samples<Growth> {
    let samples = Samples::take_turns(contenders, plan.rounds, |contender| {
        (callers <= contender.service.max_callers()).then(|| load(contender, callers, plan.throughput))
    });
    print(&samples, callers, table);
    samples.map(|sample| sample.growth)
}

fn print(samples: &Samples<Throughput>, callers: usize, table: &Table) {
    let row = |what: &str, figure: &dyn Fn(&Throughput) -> f64| {
        table.row(&format!("{callers:2} at a time: {what}"), &samples.figures(figure));
    };
    let per_execution = |time: Duration, sample: &Throughput| milliseconds(time) / sample.growth.executions;
    row("executions per second", &|sample| sample.growth.executions / sample.elapsed.as_secs_f64());
    row("execution p50, ms", &|sample| sample.executions.at(0.5));
    row("execution p99, ms", &|sample| sample.executions.at(0.99));
    row("step p50, ms", &|sample| sample.steps.at(0.5));
    row("step p99, ms", &|sample| sample.steps.at(0.99));
    row("service CPU per execution, ms", &|sample| per_execution(sample.cpu.service, sample));
    row("function CPU per execution, ms", &|sample| per_execution(sample.cpu.functions, sample));
    row("memory after, MB", &|sample| megabytes(sample.memory));
}

fn load(contender: &Contender, callers: usize, duration: Duration) -> Throughput {
    // Starts the processes and connections that it takes.
    run_callers(contender, callers, Duration::ZERO);
    let (cpu, disk) = (contender.running().cpu_time(), contender.bytes_on_disk());
    let begin = Instant::now();
    let done = run_callers(contender, callers, duration);
    let elapsed = begin.elapsed();
    let growth = Growth {
        bytes: contender.bytes_on_disk() as f64 - disk as f64,
        executions: done.executions.len() as f64,
    };
    Throughput {
        elapsed,
        executions: Quantiles::new(done.executions),
        steps: Quantiles::new(done.steps),
        cpu: contender.running().cpu_time() - cpu,
        growth,
        memory: contender.running().memory(),
    }
}

/// Runs callers at a time, each of which starts at least one execution.
fn run_callers(contender: &Contender, callers: usize, duration: Duration) -> Times {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(move || call(contender, duration))).collect();
        let times = threads.into_iter().map(|thread| thread.join().expect("the service responds"));
        times.fold(Times::default(), Times::merge)
    })
}

fn call(contender: &Contender, duration: Duration) -> Times {
    let mut connection = contender.running().connect();
    let mut times = Times::default();
    let begin = Instant::now();
    loop {
        let started = Instant::now();
        times.steps.extend(contender.service.execute(&mut connection, WORK));
        times.executions.push(micros(started.elapsed()));
        if begin.elapsed() >= duration {
            return times;
        }
    }
}
