//! The processor time that a service and its functions have used.

use std::ops::Sub;
use std::time::Duration;

#[derive(Clone, Copy)]
pub struct CpuTime {
    pub service: Duration,
    pub functions: Duration,
}

impl Sub for CpuTime {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            service: self.service.saturating_sub(earlier.service),
            functions: self.functions.saturating_sub(earlier.functions),
        }
    }
}
