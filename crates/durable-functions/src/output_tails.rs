//! The last of what functions print during their invocations.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use durable_host::function::OutputTail;

use crate::output::{OutputLine, OutputSink, OutputStream};

/// Bytes that are kept of an invocation's output.
const TAIL_BYTES: usize = 4_096;

/// The last of what invocations print, by request id. Clones share it.
#[derive(Clone, Default)]
pub struct OutputTails(Arc<Mutex<HashMap<String, VecDeque<u8>>>>);

/// The last of what one invocation prints. It is kept until this is dropped.
pub(crate) struct Tail {
    tails: OutputTails,
    request_id: String,
}

impl OutputTails {
    /// Returns a sink that adds lines to the tails of their invocations, and passes on what functions print.
    pub fn before(&self, next: OutputSink) -> OutputSink {
        let tails = self.clone();
        Arc::new(move |line: OutputLine<'_>| {
            tails.note(&line);
            // Lambda's lines about each invocation only appear in tails.
            if line.stream != OutputStream::Platform {
                next(line);
            }
        })
    }

    /// Keeps what this invocation prints from now on.
    pub(crate) fn keep(&self, request_id: &str) -> Tail {
        self.with(|tails| tails.insert(request_id.to_owned(), VecDeque::new()));
        Tail { tails: self.clone(), request_id: request_id.to_owned() }
    }

    fn note(&self, line: &OutputLine<'_>) {
        let Some(request_id) = line.request_id else { return };
        self.with(|tails| {
            let Some(tail) = tails.get_mut(request_id) else { return };
            // Space is freed first: a buffer that grew with the longest line would stay as large.
            let line = line.line.as_bytes();
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

    fn print(tails: &OutputTails, request_id: &str, line: &str) {
        let (stream, request_id) = (OutputStream::Stdout, Some(request_id));
        tails.note(&OutputLine {
            function_name: "order",
            log_stream: "",
            request_id,
            execution: None,
            stream,
            line,
        });
    }

    #[test]
    fn the_last_four_kilobytes_of_each_invocation_are_kept() {
        let tails = OutputTails::default();
        let (first, second) = (tails.keep("one"), tails.keep("two"));

        print(&tails, "one", "begun");
        print(&tails, "two", &"x".repeat(5_000));
        print(&tails, "two", "ended");
        print(&tails, "three", "nobody keeps it");

        assert_eq!(first.bytes(), b"begun\n");
        assert_eq!(second.bytes().len(), 4_096);
        assert!(second.bytes().ends_with(b"x\nended\n"));
    }

    #[test]
    fn a_long_line_takes_no_more_room_than_its_end() {
        let tails = OutputTails::default();
        let tail = tails.keep("one");

        print(&tails, "one", &format!("{}end", "x".repeat(256 * 1024)));

        assert_eq!(tail.bytes().len(), TAIL_BYTES);
        assert!(tail.bytes().ends_with(b"xend\n"));
        assert!(tails.with(|tails| tails["one"].capacity()) <= 2 * TAIL_BYTES);
    }

    #[test]
    fn what_nobody_keeps_any_more_is_forgotten() {
        let tails = OutputTails::default();
        let tail = tails.keep("one");
        print(&tails, "one", "begun");

        drop(tail);

        assert!(tails.with(|tails| tails.is_empty()));
    }
}
