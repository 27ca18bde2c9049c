//! A service that runs.

use bench_harness::{Connection, Process};

use super::functions::Functions;
use crate::cpu_time::CpuTime;

pub struct Running {
    pub(super) process: Process,
    /// Where it accepts executions.
    pub(super) address: String,
    /// Where it accepts functions, if it has such an address.
    pub(super) admin_address: Option<String>,
    pub(super) functions: Functions,
}

impl Running {
    pub fn connect(&self) -> Connection {
        Connection::new(&self.address)
    }

    /// Resident bytes of the service, without those of its functions.
    pub fn memory(&self) -> u64 {
        self.process.memory()
    }

    pub fn cpu_time(&self) -> CpuTime {
        let (service, functions) = self.functions.cpu_time(self.process.id());
        CpuTime { service, functions }
    }
}
