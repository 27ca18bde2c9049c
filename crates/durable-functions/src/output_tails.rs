//! The tails of the output of invocations.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use durable_host::function::OutputTail;

/// The maximum size of a tail in bytes, the same as Lambda's.
const TAIL_BYTES: usize = 4_096;

/// The tails of the output of invocations, by request id. Clones share them.
#[derive(Clone, Default)]
pub struct OutputTails(Arc<Mutex<HashMap<String, VecDeque<u8>>>>);

/// The tail of the output of one invocation. It is kept until this is dropped.
pub(crate) struct Tail {
    tails: OutputTails,
    request_id: String,
}

impl OutputTails {
    /// Starts to keep the tail of an invocation's output.
    pub(crate) fn keep(&self, request_id: &str) -> Tail {
        self.with(|tails| tails.insert(request_id.to_owned(), VecDeque::new()));
        Tail { tails: self.clone(), request_id: request_id.to_owned() }
    }

    /// Adds a line to the tail of an invocation, if that tail is kept.
    pub(crate) fn note(&self, request_id: &str, line: &str) {
        self.with(|tails| {
            let Some(tail) = tails.get_mut(request_id) else { return };
            // Space is freed before the line is added, because the buffer never shrinks.
            let line = line.as_bytes();
            let kept = line.len().min(TAIL_BYTES.saturating_sub(1));
            let excess = tail.len().saturating_add(kept).saturating_add(1).saturating_sub(TAIL_BYTES);
            tail.drain(..excess);
            tail.extend(line.iter().skip(line.len().saturating_sub(kept)));
            tail.push_back(b'\n');
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut HashMap<String, VecDeque<u8>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl OutputTail for Tail {
    fn bytes(&self) -> Vec<u8> {
        self.tails.with(|tails| tails.get(&self.request_id).into_iter().flatten().copied().collect())
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.tails.with(|tails| tails.remove(&self.request_id));
    }
}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputTail").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_kilobytes_of_each_invocation_are_kept() {
        let tails = OutputTails::default();
        let (first, second) = (tails.keep("one"), tails.keep("two"));

        tails.note("one", "begun");
        tails.note("two", &"x".repeat(5_000));
        tails.note("two", "ended");
        tails.note("three", "nobody keeps it");

        assert_eq!(first.bytes(), b"begun\n");
        assert_eq!(second.bytes().len(), 4_096);
        assert!(second.bytes().ends_with(b"x\nended\n"));
    }

    #[test]
    fn only_the_end_of_a_long_line_takes_up_memory() {
        let tails = OutputTails::default();
        let tail = tails.keep("one");

        tails.note("one", &format!("{}end", "x".repeat(256 * 1024)));

        assert_eq!(tail.bytes().len(), TAIL_BYTES);
        assert!(tail.bytes().ends_with(b"xend\n"));
        assert!(tails.with(|tails| tails["one"].capacity()) <= 2 * TAIL_BYTES);
    }

    #[test]
    fn a_tail_is_forgotten_when_it_is_dropped() {
        let tails = OutputTails::default();
        let tail = tails.keep("one");
        tails.note("one", "begun");

        drop(tail);

        assert!(tails.with(|tails| tails.is_empty()));
    }
}
