//! Room for what waits to be written.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Room for so many bytes, so that what is printed faster than it is written does not fill the memory.
#[derive(Debug)]
pub(super) struct Room {
    free: Mutex<usize>,
    freed: Condvar,
    all: usize,
}

/// Room that was taken. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

impl Room {
    pub(super) fn of(bytes: usize) -> Self {
        Self { free: Mutex::new(bytes), freed: Condvar::new(), all: bytes }
    }

    /// Takes room, and blocks the thread until there is some. What is larger than all of it takes all.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Taken {
        let bytes = bytes.min(self.all);
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.freed.wait_while(free, |free| *free < bytes).unwrap_or_else(PoisonError::into_inner);
        *free = free.saturating_sub(bytes);
        Taken { room: Arc::clone(self), bytes }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut free = self.room.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.saturating_add(self.bytes);
        self.room.freed.notify_all();
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
        let room = Arc::new(Room::of(10));
        let (took, taken) = channel();
        let first = room.take(7);

        thread::scope(|scope| {
            scope.spawn(|| took.send(room.take(4)).unwrap());
            let too_early = taken.recv_timeout(Duration::from_millis(50));
            drop(first);

            assert!(too_early.is_err());
            let _second = taken.recv().unwrap();
            drop(room.take(6));
        });
    }

    #[test]
    fn what_is_larger_than_the_room_finds_it_when_it_is_empty() {
        let room = Arc::new(Room::of(10));

        drop(room.take(1_000));

        drop(room.take(10));
    }
}
