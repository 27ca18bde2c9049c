//! Room for what waits to be written.

use std::sync::{Condvar, Mutex, PoisonError};

/// Room for so many bytes, so that what is printed faster than it is written does not fill the memory.
#[derive(Debug)]
pub(super) struct Room {
    free: Mutex<usize>,
    freed: Condvar,
    all: usize,
}

impl Room {
    pub(super) fn of(bytes: usize) -> Self {
        Self { free: Mutex::new(bytes), freed: Condvar::new(), all: bytes }
    }

    /// Takes room, and blocks the thread until there is some. What is larger than all of it takes all.
    pub(super) fn take(&self, bytes: usize) {
        let bytes = bytes.min(self.all);
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free < bytes).unwrap_or_else(PoisonError::into_inner);
        *free = free.saturating_sub(bytes);
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, bytes: usize) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.saturating_add(bytes).min(self.all);
        self.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn whoever_finds_no_room_waits_until_some_is_given_back() {
        let room = Room::of(10);
        let (took, taken) = channel();
        room.take(7);

        thread::scope(|scope| {
            scope.spawn(|| {
                room.take(4);
                took.send(()).unwrap();
            });
            let too_early = taken.recv_timeout(Duration::from_millis(50));
            room.give_back(7);

            assert!(too_early.is_err());
            taken.recv().unwrap();
        });
        room.take(6);
    }

    #[test]
    fn what_is_larger_than_the_room_finds_it_when_it_is_empty() {
        let room = Room::of(10);

        room.take(1_000);
        room.give_back(1_000);

        room.take(10);
    }
}
