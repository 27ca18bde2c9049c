//! The byte budget of lines that wait to be written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use durable_host::logs::LogLine;

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

/// The lines of a function for which there was no room.
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
    dropped: HashMap<String, Dropped>,
}

impl Room {
    /// Creates a room for this many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        let shares = Shares { free: bytes, by_function: HashMap::new(), dropped: HashMap::new() };
        Self { shares: Mutex::new(shares) }
    }

    /// Takes room for a line, or counts it as dropped if there is none.
    pub(super) fn take(self: &Arc<Self>, line: LogLine) -> Option<(LogLine, Taken)> {
        let bytes = line.text.len().saturating_add(LINE_BYTES);
        let line = self.with(|shares| shares.take(line, bytes))?;
        let taken = Taken { room: Arc::clone(self), function: line.function.clone(), bytes };
        Some((line, taken))
    }

    /// Returns the lines dropped since the last call, by function.
    pub(super) fn take_dropped(&self) -> Vec<Dropped> {
        self.with(|shares| shares.dropped.drain().map(|(_, dropped)| dropped).collect())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Shares) -> T) -> T {
        change(&mut self.shares.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shares {
    fn take(&mut self, line: LogLine, bytes: usize) -> Option<LogLine> {
        let share = self.by_function.get(&line.function).copied().unwrap_or_default().saturating_add(bytes);
        let free = self.free.saturating_sub(bytes);
        if self.free < bytes || share > free {
            self.count_dropped(line);
            return None;
        }
        self.free = free;
        self.by_function.insert(line.function.clone(), share);
        Some(line)
    }

    fn count_dropped(&mut self, last: LogLine) {
        let before = self.dropped.get(&last.function).map_or(0, |dropped| dropped.count);
        let dropped = Dropped { count: before.saturating_add(1), last };
        self.dropped.insert(dropped.last.function.clone(), dropped);
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
        std::iter::from_fn(|| room.take(line(function, "")).map(|(_, taken)| taken)).collect()
    }

    #[test]
    fn lines_without_room_are_counted_by_function() {
        let room = Arc::new(Room::of(ROOM));
        let _taken = fill(&room, "order");

        assert!(room.take(line("order", "late")).is_none());
        let dropped = room.take_dropped();

        let [Dropped { count: 2, last }] = dropped.as_slice() else { panic!("{dropped:?}") };
        assert_eq!(*last, line("order", "late"));
        assert!(room.take_dropped().is_empty());
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
                match room.take(line(&function.to_string(), &"x".repeat(bytes))) {
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
