//! The byte budget of lines that are waiting to be written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use durable_host::logs::LogLine;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// The maximum number of origins whose dropped lines are counted separately. Those of others are counted by function.
const MAX_ORIGINS: usize = 256;

/// The bytes that a line takes in addition to its text.
const LINE_BYTES: usize = 512;

/// The memory for lines that are waiting to be written.
///
/// A function may use at most as many bytes as it leaves free. So one that prints a lot uses half of the budget, and the
/// lines of others still fit.
#[derive(Debug)]
pub(super) struct ByteBudget {
    shares: Mutex<Shares>,
    waiting: Gauge,
    waiting_bytes: Gauge,
    dropped: Counter,
}

/// The bytes of a line, which are released when this is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: Arc<ByteBudget>,
    function: String,
    bytes: usize,
}

/// The lines of an invocation that exceeded the budget.
#[derive(Debug)]
pub(super) struct Dropped {
    pub(super) count: u64,
    /// The last of them.
    pub(super) last: LogLine,
}

#[derive(Debug)]
struct Shares {
    free: usize,
    by_function: HashMap<String, usize>,
    dropped: HashMap<LineOrigin, Dropped>,
}

/// The process and the invocation that printed a line, by which it is found in the log.
#[derive(Debug, PartialEq, Eq, Hash)]
struct LineOrigin {
    function: String,
    stream: Option<String>,
    request_id: Option<String>,
}

impl ByteBudget {
    pub(super) fn new(bytes: usize) -> Self {
        let shares = Shares { free: bytes, by_function: HashMap::new(), dropped: HashMap::new() };
        let (waiting, waiting_bytes, dropped) = Default::default();
        Self { shares: Mutex::new(shares), waiting, waiting_bytes, dropped }
    }

    /// Reserves the bytes of a line. If it exceeds the budget, the number of lines that it stands for is counted as dropped.
    pub(super) fn reserve(
        self: &Arc<Self>,
        line: LogLine,
        stands_for: u64,
    ) -> Option<(LogLine, Reservation)> {
        let bytes = line.text.len().saturating_add(LINE_BYTES);
        let Some(line) = self.with(|shares| shares.reserve(line, bytes, stands_for)) else {
            self.dropped.inc_by(stands_for);
            return None;
        };
        self.waiting.inc();
        self.waiting_bytes.inc_by(signed(bytes));
        let reservation = Reservation { budget: Arc::clone(self), function: line.function.clone(), bytes };
        Some((line, reservation))
    }

    /// Returns the lines dropped since the last call, by process and invocation.
    pub(super) fn take_dropped(&self) -> Vec<Dropped> {
        self.with(|shares| shares.dropped.drain().map(|(_, dropped)| dropped).collect())
    }

    /// Adds the number of lines that wait or were dropped to a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "durable_log_queue_lines",
            "Lines of functions that wait to be written to the log",
            self.waiting.clone(),
        );
        registry.register_with_unit(
            "durable_log_queue",
            "Memory of the lines that wait to be written to the log",
            Unit::Bytes,
            self.waiting_bytes.clone(),
        );
        registry.register(
            "durable_log_dropped_lines",
            "Lines of functions that are not in the log, because they were printed faster than it could be written",
            self.dropped.clone(),
        );
    }

    fn with<T>(&self, change: impl FnOnce(&mut Shares) -> T) -> T {
        change(&mut self.shares.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shares {
    fn reserve(&mut self, line: LogLine, bytes: usize, stands_for: u64) -> Option<LogLine> {
        let share = self.by_function.get(&line.function).copied().unwrap_or_default().saturating_add(bytes);
        let free = self.free.saturating_sub(bytes);
        if self.free < bytes || share > free {
            self.count_dropped(line, stands_for);
            return None;
        }
        self.free = free;
        self.by_function.insert(line.function.clone(), share);
        Some(line)
    }

    fn count_dropped(&mut self, last: LogLine, count: u64) {
        let mut origin = LineOrigin {
            function: last.function.clone(),
            stream: Some(last.stream.clone()),
            request_id: last.request_id.clone(),
        };
        if self.dropped.len() >= MAX_ORIGINS && !self.dropped.contains_key(&origin) {
            (origin.stream, origin.request_id) = (None, None);
        }
        let before = self.dropped.get(&origin).map_or(0, |dropped| dropped.count);
        self.dropped.insert(origin, Dropped { count: before.saturating_add(count), last });
    }

    fn release(&mut self, function: &str, bytes: usize) {
        self.free = self.free.saturating_add(bytes);
        if let Some(share) = self.by_function.get_mut(function) {
            *share = share.saturating_sub(bytes);
            if *share == 0 {
                self.by_function.remove(function);
            }
        }
    }
}

impl Dropped {
    /// Returns the line that replaces the dropped ones in the log.
    pub(super) fn into_line(self) -> LogLine {
        let text = format!(
            "[durable] dropped {} lines because the log could not be written fast enough",
            self.count
        );
        LogLine { text, ..self.last }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.with(|shares| shares.release(&self.function, self.bytes));
        self.budget.waiting.dec();
        self.budget.waiting_bytes.dec_by(signed(self.bytes));
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use durable_types::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const BUDGET: usize = 100 * LINE_BYTES;

    fn line(function: &str, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::EPOCH,
            function: function.to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: None,
            text: text.to_owned(),
        }
    }

    fn fill(budget: &Arc<ByteBudget>, function: &str) -> Vec<Reservation> {
        std::iter::from_fn(|| budget.reserve(line(function, ""), 1).map(|(_, reservation)| reservation))
            .collect()
    }

    #[test]
    fn dropped_lines_are_counted_by_function() {
        let budget = Arc::new(ByteBudget::new(BUDGET));
        let _held = fill(&budget, "order");

        assert!(budget.reserve(line("order", "late"), 1).is_none());
        let dropped = budget.take_dropped();

        let [Dropped { count: 2, last }] = dropped.as_slice() else { panic!("{dropped:?}") };
        assert_eq!(*last, line("order", "late"));
        assert!(budget.take_dropped().is_empty());
    }

    #[test]
    fn a_dropped_line_that_stands_for_others_is_counted_as_that_many() {
        let budget = Arc::new(ByteBudget::new(BUDGET));
        let _held = fill(&budget, "order");

        assert!(budget.reserve(line("order", "dropped 1000 lines"), 1_000).is_none());

        assert_eq!(budget.take_dropped()[0].count, 1_001);
    }

    #[test]
    fn each_invocation_counts_its_dropped_lines_up_to_a_limit() {
        let budget = Arc::new(ByteBudget::new(BUDGET));
        let _held = fill(&budget, "order");
        let of = |request: usize| LogLine { request_id: Some(request.to_string()), ..line("order", "") };
        budget.take_dropped();

        for request in [1, 2, 1, 2, 2] {
            assert!(budget.reserve(of(request), 1).is_none());
        }
        let mut counts: Vec<_> = budget
            .take_dropped()
            .into_iter()
            .map(|dropped| (dropped.last.request_id, dropped.count))
            .collect();
        counts.sort();
        (0..10_000).for_each(|request| drop(budget.reserve(of(request), 1)));
        let many = budget.take_dropped();

        assert_eq!(counts, [(Some("1".to_owned()), 2), (Some("2".to_owned()), 3)]);
        assert_eq!(many.len(), MAX_ORIGINS + 1);
        assert_eq!(many.iter().map(|dropped| dropped.count).sum::<u64>(), 10_000);
    }

    #[test]
    fn the_bytes_of_a_line_are_released_when_it_is_written() {
        let budget = Arc::new(ByteBudget::new(BUDGET));

        let first = fill(&budget, "order").len();
        let second = fill(&budget, "order").len();

        assert_eq!((first, second), (50, 50));
    }

    #[test]
    fn a_function_that_prints_a_lot_leaves_half_of_the_budget_to_others() {
        let budget = Arc::new(ByteBudget::new(BUDGET));

        let order = fill(&budget, "order");
        let tax = fill(&budget, "tax");

        assert_eq!((order.len(), tax.len()), (50, 25));
    }

    proptest! {
        #[test]
        fn the_budget_is_never_exceeded_and_all_of_it_is_released(
            lines in prop::collection::vec((0..4_u8, 0..5_000_usize, any::<bool>()), 0..100),
        ) {
            let budget = Arc::new(ByteBudget::new(20_000));
            let (mut held, mut refused) = (Vec::new(), 0);
            for (function, bytes, releases) in lines {
                if releases {
                    held.pop();
                }
                match budget.reserve(line(&function.to_string(), &"x".repeat(bytes)), 1) {
                    Some((_, reservation)) => held.push(reservation),
                    None => refused += 1,
                }
                let used: usize = held.iter().map(|reservation| reservation.bytes).sum();
                prop_assert_eq!(budget.with(|shares| shares.free) + used, 20_000);
            }
            held.clear();

            prop_assert_eq!(budget.with(|shares| (shares.free, shares.by_function.len())), (20_000, 0));
            prop_assert_eq!(budget.take_dropped().iter().map(|dropped| dropped.count).sum::<u64>(), refused);
        }
    }
}
