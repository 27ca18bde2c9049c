//! The memory of this process, under the name that all Prometheus clients use for it.

use std::{fmt, fs};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use rustix::param::page_size;

/// Reads the memory of this process from procfs. Where that does not exist, there is no such metric.
#[derive(Debug)]
pub(crate) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let statm = fs::read_to_string("/proc/self/statm").ok();
        let Some(pages) = statm.as_deref().and_then(resident_pages) else { return Ok(()) };
        let gauge = ConstGauge::new(pages.saturating_mul(page_size()));
        let (name, help) = ("process_resident_memory", "Resident memory of the process of the service.");
        gauge.encode(encoder.encode_descriptor(name, help, Some(&Unit::Bytes), gauge.metric_type())?)
    }
}

/// Returns the second of the numbers in `statm`.
fn resident_pages(statm: &str) -> Option<usize> {
    statm.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_the_second_number() {
        assert_eq!(resident_pages("5310 1298 1042 160 0 701 0\n"), Some(1_298));
        assert_eq!(resident_pages(""), None);
    }
}
