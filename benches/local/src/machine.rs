//! The machine on which the figures were measured.

use std::fmt;
use std::io::Write;
use std::time::Instant;

use crate::quantiles::Quantiles;
use crate::units::micros;

/// What bounds all figures.
pub struct Machine {
    processors: usize,
    /// Processes that ran or waited for a processor during the last minute.
    load: String,
    sync: Quantiles,
}

impl Machine {
    pub fn observe() -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processors: std::thread::available_parallelism().map_or(1, |count| count.get()),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
            sync: sync_times(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processors, load, sync } = self;
        let (median, p99) = (sync.at(0.5), sync.at(0.99));
        write!(f, "{processors} processors, load {load}, fdatasync p50 {median:.2} ms, p99 {p99:.2} ms")
    }
}

/// How long the disk takes to write a page durably.
fn sync_times() -> Quantiles {
    let mut file = tempfile::tempfile().expect("the temporary folder is writable");
    let mut sync = || {
        let begin = Instant::now();
        file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("the disk has space");
        micros(begin.elapsed())
    };
    Quantiles::new((0..200).map(|_| sync()).collect())
}
