//! What functions print, line by line.

use std::future::ready;
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

/// Longer lines are handed on in parts, so that a function cannot fill the service's memory.
const MAX_LINE_BYTES: usize = 256 * 1024;

/// Takes every line that a function prints, and those that the service adds. It holds up what calls it, such as the
/// reader of what functions print.
pub type OutputSink = Arc<dyn Fn(OutputLine<'_>) + Send + Sync>;

/// A line that a function printed, or that the service says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLine<'a> {
    /// The function.
    pub function_name: &'a str,
    /// The process, as the log stream that it is told to have.
    pub log_stream: &'a str,
    /// The invocation that the process was given last; none before the first. A line that took its time to arrive may be
    /// told of the one after its own.
    pub request_id: Option<&'a str>,
    /// The ARN of the execution that this invocation belongs to, if it is one of a durable function.
    pub execution: Option<&'a str>,
    /// Where it comes from.
    pub stream: OutputStream,
    /// The line without its end. What is not UTF-8 is replaced.
    pub line: &'a str,
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// The standard output of the function.
    Stdout,
    /// Its standard error.
    Stderr,
    /// The service, which says when an invocation begins and ends, as Lambda does in the logs of functions.
    Platform,
}

/// Somebody who wants to be told when everything that was printed before was handed on.
pub(super) type Drain = oneshot::Sender<()>;

/// Calls back for every line until the stream ends. A line that has not ended when somebody asks ends there, since what
/// follows belongs to another invocation.
pub(super) async fn forward(
    stream: impl AsyncRead + Unpin,
    mut drains: mpsc::UnboundedReceiver<Drain>,
    mut take: impl FnMut(&str),
) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut waiting) = (Vec::new(), Vec::new());
    loop {
        tokio::select! {
            // What can be read is read before anybody is told that nothing is left.
            biased;
            more = extend(&mut stream, &mut line) => {
                let Some(ended) = more else { break };
                if ended || line.len() >= MAX_LINE_BYTES {
                    take(&String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)));
                    line.clear();
                }
            }
            Some(drain) = drains.recv() => {
                waiting.push(drain);
                // The runtime looks now whether the system has something to read.
                yield_now().await;
            }
            () = ready(()), if !waiting.is_empty() => {
                if !line.is_empty() {
                    take(&String::from_utf8_lossy(&line));
                    line.clear();
                }
                for drain in waiting.drain(..) {
                    // Whoever no longer waits need not be told.
                    let _ = drain.send(());
                }
            }
        }
    }
    if !line.is_empty() {
        take(&String::from_utf8_lossy(&line));
    }
}

/// Reads more of the line, and tells whether its end was reached; nothing at the end of the stream.
async fn extend(stream: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> Option<bool> {
    // A stream that fails has as little to say as one that ended.
    let chunk = stream.fill_buf().await.ok().filter(|chunk| !chunk.is_empty())?;
    let (ended, used) = match chunk.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            line.extend(chunk.iter().take(end));
            (true, end.saturating_add(1))
        }
        None => {
            line.extend_from_slice(chunk);
            (false, chunk.len())
        }
    };
    stream.consume(used);
    Some(ended)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn lines(text: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let (_drains, requests) = mpsc::unbounded_channel();
        forward(text, requests, |line| lines.push(line.to_owned())).await;
        lines
    }

    #[tokio::test]
    async fn whoever_asks_is_told_when_everything_printed_before_was_handed_on() {
        let (mut printer, stream) = tokio::io::duplex(1024 * 1024);
        let (drains, requests) = mpsc::unbounded_channel();
        let (lines, mut taken) = mpsc::unbounded_channel();
        let forwarding =
            tokio::spawn(forward(stream, requests, move |line| lines.send(line.to_owned()).unwrap()));

        printer.write_all(&b"line\n".repeat(10_000)).await.unwrap();
        let (drain, drained) = oneshot::channel();
        drains.send(drain).unwrap();
        drained.await.unwrap();

        assert_eq!(std::iter::from_fn(|| taken.try_recv().ok()).count(), 10_000);
        forwarding.abort();
    }

    #[tokio::test]
    async fn a_line_without_end_is_not_joined_to_what_the_next_invocation_prints() {
        let (mut printer, stream) = tokio::io::duplex(1024);
        let (drains, requests) = mpsc::unbounded_channel();
        let (lines, mut taken) = mpsc::unbounded_channel();
        let forwarding =
            tokio::spawn(forward(stream, requests, move |line| lines.send(line.to_owned()).unwrap()));

        printer.write_all(b"ValueError: negative").await.unwrap();
        let (drain, drained) = oneshot::channel();
        drains.send(drain).unwrap();
        drained.await.unwrap();
        printer.write_all(b"begun\n").await.unwrap();

        assert_eq!(taken.recv().await.unwrap(), "ValueError: negative");
        assert_eq!(taken.recv().await.unwrap(), "begun");
        forwarding.abort();
    }

    #[tokio::test]
    async fn a_stream_is_cut_at_its_line_ends() {
        assert_eq!(lines(b"one\ntwo\r\n\nthree").await, ["one", "two", "", "three"]);
        assert_eq!(lines(b"").await, [""; 0]);
    }

    #[tokio::test]
    async fn a_line_without_end_comes_in_parts() {
        let parts = lines(&[b'x'; 600_000]).await;

        assert_eq!(parts.concat().len(), 600_000);
        assert!(parts.len() > 1);
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(lines(b"a\xffb\n").await, ["a\u{fffd}b"]);
    }
}
