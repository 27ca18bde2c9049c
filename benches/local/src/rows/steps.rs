//! Executions that take many steps in a row.

use std::time::{Duration, Instant};

use bench_harness::Table;

use super::samples::Samples;
use crate::contender::Contender;
use crate::plan::Plan;
use crate::quantiles::Quantiles;
use crate::work::Work;

struct Execution {
    took: Duration,
    /// Medians of a step, in milliseconds.
    first_tenth: f64,
    last_tenth: f64,
}

pub fn measure(contenders: &mut [Contender], plan: &Plan, table: &Table) {
    for count in plan.steps {
        let samples = Samples::take_turns(contenders, plan.rounds, |contender| {
            (*count <= contender.service.max_steps()).then(|| execute(contender, *count))
        });
        print(&samples, *count, table);
    }
}

fn print(samples: &Samples<Execution>, count: u32, table: &Table) {
    let row = |what: &str, figure: &dyn Fn(&Execution) -> f64| {
        table.row(&format!("{count} steps: {what}"), &samples.figures(figure));
    };
    row("execution, s", &|execution| execution.took.as_secs_f64());
    row("step p50 of the first tenth, ms", &|execution| execution.first_tenth);
    row("step p50 of the last tenth, ms", &|execution| execution.last_tenth);
}

fn execute(contender: &Contender, count: u32) -> Execution {
    let mut connection = contender.running().connect();
    let begin = Instant::now();
    let steps = contender.service.execute(&mut connection, Work::Steps(count));
    let took = begin.elapsed();
    let tenth = (steps.len() / 10).max(1);
    let median = |steps: &[u64]| Quantiles::new(steps.to_vec()).at(0.5);
    Execution {
        took,
        first_tenth: median(&steps[..tenth]),
        last_tenth: median(&steps[steps.len() - tenth..]),
    }
}
