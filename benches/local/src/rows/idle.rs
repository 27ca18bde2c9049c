//! What services need while they have nothing to do.

use std::time::Duration;

use bench_harness::Table;

use super::samples::Samples;
use crate::contender::Contender;
use crate::cpu_time::CpuTime;
use crate::plan::Plan;
use crate::units::{megabytes, milliseconds};

/// They settle for this long after their start, and are measured for as long in each round.
const PERIOD: Duration = Duration::from_secs(2);

struct Idle {
    memory: u64,
    cpu: CpuTime,
}

pub fn measure(contenders: &[Contender], plan: &Plan, table: &Table) {
    std::thread::sleep(PERIOD);
    let samples = Samples::together(contenders, plan.rounds, observe);
    let per_second = |idle: &Idle| milliseconds(idle.cpu.service) / PERIOD.as_secs_f64();
    table.row("idle: memory, MB", &samples.figures(|idle| megabytes(idle.memory)));
    table.row("idle: service CPU per second, ms", &samples.figures(per_second));
}

fn observe(contenders: &[Contender]) -> Vec<Idle> {
    let running = || contenders.iter().map(Contender::running);
    let before: Vec<CpuTime> = running().map(|service| service.cpu_time()).collect();
    std::thread::sleep(PERIOD);
    running()
        .zip(before)
        .map(|(service, before)| Idle { memory: service.memory(), cpu: service.cpu_time() - before })
        .collect()
}
