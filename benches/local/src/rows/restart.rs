//! A crash and a restart with everything in the store that was measured before, and executions that wait.

use std::time::{Duration, Instant};

use bench_harness::Table;

use super::samples::Samples;
use crate::contender::Contender;
use crate::plan::Plan;
use crate::units::{megabytes, milliseconds};
use crate::work::Work;

const A_DAY: u64 = 86_400;
const CALLERS: usize = 8;

struct Restart {
    ready: Duration,
    /// From the start to the result of an execution.
    first_result: Duration,
    /// Resident bytes a while later.
    memory: u64,
}

pub fn measure(contenders: &mut [Contender], plan: &Plan, table: &Table) {
    for contender in &*contenders {
        start_waiting(contender, plan.waiting);
    }
    // Until the last of them waits.
    std::thread::sleep(Duration::from_secs(5));
    let name = |what: &str| format!("{} waiting: {what}", plan.waiting);
    let memory = Samples::together(contenders, plan.rounds, observe_memory);
    table.row(&name("memory, MB"), &memory.figures(|bytes| megabytes(*bytes)));
    let restarts = Samples::take_turns(contenders, plan.rounds, |contender| Some(restart(contender)));
    let row = |what: &str, figure: &dyn Fn(&Restart) -> f64| {
        table.row(&name(what), &restarts.figures(figure));
    };
    row("kill, start to ready, ms", &|restart| milliseconds(restart.ready));
    row("kill, start to first result, ms", &|restart| milliseconds(restart.first_result));
    row("memory after that, MB", &|restart| megabytes(restart.memory));
}

fn observe_memory(contenders: &[Contender]) -> Vec<u64> {
    std::thread::sleep(Duration::from_secs(1));
    contenders.iter().map(|contender| contender.running().memory()).collect()
}

fn start_waiting(contender: &Contender, count: usize) {
    std::thread::scope(|scope| {
        for share in 0..CALLERS {
            scope.spawn(move || {
                let mut connection = contender.running().connect();
                for _ in (share..count).step_by(CALLERS) {
                    contender.service.send(&mut connection, Work::Wait(A_DAY));
                }
            });
        }
    });
}

fn restart(contender: &mut Contender) -> Restart {
    contender.kill();
    let begin = Instant::now();
    contender.start();
    let ready = begin.elapsed();
    contender.service.execute(&mut contender.running().connect(), Work::Steps(3));
    let first_result = begin.elapsed();
    std::thread::sleep(Duration::from_secs(2));
    Restart { ready, first_result, memory: contender.running().memory() }
}
