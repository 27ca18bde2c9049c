//! The byte budget of lines that wait to be written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use durable_host::logs::LogLine;

/// The number of origins whose dropped lines are counted apart. Those of further ones are counted by function.
const MAX_ORIGINS: usize = 256;

/// What a line costs besides its text.
const LINE_BYTES: usize = 512;

/// The memory for lines that wait to be written.
///
/// A function may take up at most as much as it leaves free. So one that prints a lot takes up half of the room, and the
/// lines of others still fit.
#[derive(Debug)]
pub(super) struct Room {
    shares: Mutex<Shares>,
}

/// Room that a line takes up until this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Arc<Room>,
    function: String,
    bytes: usize,
}

/// The lines of an invocation for which there was no room.
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

/// The process and the invocation that printed a line, where the line is looked for.
#[derive(Debug, PartialEq, Eq, Hash)]
struct LineOrigin {
    function: String,
    stream: Option<String>,
    request_id: Option<String>,
}

impl Room {
    /// Creates a room for this many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        let shares = Shares { free: bytes, by_function: HashMap::new(), dropped: HashMap::new() };
        Self { shares: Mutex::new(shares) }
    }

    /// Takes room for a line, or counts it as dropped if there is none: as the number of lines that it stands for.
    pub(super) fn take(self: &Arc<Self>, line: LogLine, stands_for: u64) -> Option<(LogLine, Taken)> {
        let bytes = line.text.len().saturating_add(LINE_BYTES);
        let line = self.with(|shares| shares.take(line, bytes, stands_for))?;
        let taken = Taken { room: Arc::clone(self), function: line.function.clone(), bytes };
        Some((line, taken))
    }

    /// Returns the lines dropped since the last call, by process and invocation.
    pub(super) fn take_dropped(&self) -> Vec<Dropped> {
        self.with(|shares| shares.dropped.drain().map(|(_, dropped)| dropped).collect())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Shares) -> T) -> T {
        change(&mut self.shares.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shares {
    fn take(&mut self, line: LogLine, bytes: usize, stands_for: u64) -> Option<LogLine> {
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

    fn give_back(&mut self, function: &str, bytes: usize) {
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
    /// Returns the line that stands for the dropped ones in the log.
    pub(super) fn into_line(self) -> LogLine {
        let text = format!(
            "[durable] dropped {} lines because the log could not be written fast enough",
            self.count
        );
        LogLine { text, ..self.last }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.with(|shares| shares.give_back(&self.function, self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use durable_types::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const ROOM: usize = 100 * LINE_BYTES;

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

    fn fill(room: &Arc<Room>, function: &str) -> Vec<Taken> {
        std::iter::from_fn(|| room.take(line(function, ""), 1).map(|(_, taken)| taken)).collect()
    }

    #[test]
    fn lines_without_room_are_counted_by_function() {
        let room = Arc::new(Room::of(ROOM));
        let _taken = fill(&room, "order");

        assert!(room.take(line("order", "late"), 1).is_none());
        let dropped = room.take_dropped();

        let [Dropped { count: 2, last }] = dropped.as_slice() else { panic!("{dropped:?}") };
        assert_eq!(*last, line("order", "late"));
        assert!(room.take_dropped().is_empty());
    }

    #[test]
    fn a_line_without_room_that_stands_for_dropped_ones_is_counted_as_these() {
        let room = Arc::new(Room::of(ROOM));
        let _taken = fill(&room, "order");

        assert!(room.take(line("order", "dropped 1000 lines"), 1_000).is_none());

        assert_eq!(room.take_dropped()[0].count, 1_001);
    }

    #[test]
    fn each_invocation_counts_its_lines_without_room_up_to_a_limit() {
        let room = Arc::new(Room::of(ROOM));
        let _taken = fill(&room, "order");
        let of = |request: usize| LogLine { request_id: Some(request.to_string()), ..line("order", "") };
        room.take_dropped();

        for request in [1, 2, 1, 2, 2] {
            assert!(room.take(of(request), 1).is_none());
        }
        let mut counts: Vec<_> =
            room.take_dropped().into_iter().map(|dropped| (dropped.last.request_id, dropped.count)).collect();
        counts.sort();
        (0..10_000).for_each(|request| drop(room.take(of(request), 1)));
        let many = room.take_dropped();

        assert_eq!(counts, [(Some("1".to_owned()), 2), (Some("2".to_owned()), 3)]);
        assert_eq!(many.len(), MAX_ORIGINS + 1);
        assert_eq!(many.iter().map(|dropped| dropped.count).sum::<u64>(), 10_000);
    }

    #[test]
    fn room_is_given_back_when_a_line_is_written() {
        let room = Arc::new(Room::of(ROOM));

        let first = fill(&room, "order").len();
        let second = fill(&room, "order").len();

        assert_eq!((first, second), (50, 50));
    }

    #[test]
    fn a_function_that_prints_a_lot_leaves_room_for_others() {
        let room = Arc::new(Room::of(ROOM));

        let order = fill(&room, "order");
        let tax = fill(&room, "tax");

        assert_eq!((order.len(), tax.len()), (50, 25));
    }

    proptest! {
        #[test]
        fn the_room_is_never_exceeded_and_all_of_it_is_given_back(
            lines in prop::collection::vec((0..4_u8, 0..5_000_usize, any::<bool>()), 0..100),
        ) {
            let room = Arc::new(Room::of(20_000));
            let (mut held, mut refused) = (Vec::new(), 0);
            for (function, bytes, gives_back) in lines {
                if gives_back {
                    held.pop();
                }
                match room.take(line(&function.to_string(), &"x".repeat(bytes)), 1) {
                    Some((_, taken)) => held.push(taken),
                    None => refused += 1,
                }
                let used: usize = held.iter().map(|taken| taken.bytes).sum();
                prop_assert_eq!(room.with(|shares| shares.free) + used, 20_000);
            }
            held.clear();

            prop_assert_eq!(room.with(|shares| (shares.free, shares.by_function.len())), (20_000, 0));
            prop_assert_eq!(room.take_dropped().iter().map(|dropped| dropped.count).sum::<u64>(), refused);
        }
    }
}
