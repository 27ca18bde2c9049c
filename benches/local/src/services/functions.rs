//! The processes of a service's function.

use std::sync::Arc;
use std::time::Duration;

use bench_harness::{Process, ProcessStat, tree_time};

use crate::lambda::LambdaEndpoint;

pub enum Functions {
    /// The service starts them.
    Children,
    /// One process serves all executions, and outlives the service.
    Process(Arc<Process>),
    /// An endpoint of this program starts them.
    Lambda(LambdaEndpoint),
}

impl Functions {
    /// The processor time of the service and that of the functions.
    pub fn cpu_time(&self, service: u32) -> (Duration, Duration) {
        let tree = tree_time(service);
        match self {
            Self::Children => {
                let own = ProcessStat::read(service).map_or(Duration::ZERO, |stat| stat.own());
                (own, tree.saturating_sub(own))
            }
            Self::Process(function) => (tree, tree_time(function.id())),
            Self::Lambda(lambda) => (tree, lambda.processes().into_iter().map(tree_time).sum()),
        }
    }
}
