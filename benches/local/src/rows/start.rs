//! The start of a service on an empty folder.

use std::time::{Duration, Instant};

use bench_harness::Table;

use super::samples::Samples;
use crate::contender::Contender;
use crate::plan::Plan;
use crate::services::Service;
use crate::units::milliseconds;
use crate::work::Work;

struct Start {
    ready: Duration,
    /// From the start to the result of an execution.
    first_result: Duration,
}

pub fn measure(contenders: &mut [Contender], plan: &Plan, table: &Table) {
    let starts =
        Samples::take_turns(contenders, plan.rounds, |contender| Some(start(contender.service.as_ref())));
    table.row("start to ready, ms", &starts.figures(|start| milliseconds(start.ready)));
    table.row("start to first result, ms", &starts.figures(|start| milliseconds(start.first_result)));
}

fn start(service: &dyn Service) -> Start {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let begin = Instant::now();
    let running = service.start(&folder.path().join("data"));
    let ready = begin.elapsed();
    service.register(&running);
    service.execute(&mut running.connect(), Work::Steps(3));
    Start { ready, first_result: begin.elapsed() }
}
