//! The order of the measurements.

use bench_harness::Table;

use super::{idle, restart, start, steps, throughput};
use crate::contender::Contender;
use crate::machine::Machine;
use crate::plan::Plan;
use crate::services::Service;

/// Measures the services and prints each row as soon as it is complete.
pub fn measure(services: Vec<Box<dyn Service>>, plan: &Plan) {
    println!("{}\n", Machine::observe());
    let names: Vec<&str> = services.iter().map(|service| service.name()).collect();
    let table = Table::begin(&names);
    let mut contenders: Vec<Contender> = services.into_iter().map(Contender::new).collect();
    start::measure(&mut contenders, plan, &table);
    for contender in &mut contenders {
        contender.start();
        contender.service.register(contender.running());
    }
    idle::measure(&contenders, plan, &table);
    throughput::measure(&mut contenders, plan, &table);
    steps::measure(&mut contenders, plan, &table);
    restart::measure(&mut contenders, plan, &table);
    println!("\n{}", Machine::observe());
}
