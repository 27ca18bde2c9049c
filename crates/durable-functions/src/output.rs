//! The output of functions, split into lines.

use std::future::ready;
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

/// The maximum length of a line in bytes. Longer lines are split, so that a function cannot exhaust the memory of the
/// service.
const MAX_LINE_BYTES: usize = 256 * 1024;

/// The number of bytes read from one stream before the task yields to others.
const YIELD_BYTES: usize = 16 * 1024;

/// Receives every line that functions print, and the lines that the service adds.
///
/// It is called by one thread per function, and may block that thread.
pub type OutputSink = Arc<dyn Fn(OutputLine<'_>) + Send + Sync>;

/// A line that a function printed, or that the service reports about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLine<'a> {
    /// The name of the function.
    pub function_name: &'a str,
    /// The log stream of the process.
    pub log_stream: &'a str,
    /// The request id of the last invocation that the process received, or `None` before the first. A line that arrives
    /// late may be attributed to the following invocation.
    pub request_id: Option<&'a str>,
    /// The ARN of the invocation's execution, if the function is durable.
    pub execution: Option<&'a str>,
    /// The source of the line.
    pub stream: OutputStream,
    /// The number of dropped lines that this line reports, or 0.
    pub dropped: u64,
    /// The text without its line break. Invalid UTF-8 is replaced.
    pub line: &'a str,
}

/// The source of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// The standard output of the function.
    Stdout,
    /// The standard error of the function.
    Stderr,
    /// The service, which logs the start and the end of each invocation as Lambda does.
    Platform,
}

/// Notifies a caller that everything printed so far was read.
pub(super) type Drain = oneshot::Sender<()>;

/// Calls `take` for every line until the stream ends. A drain terminates a partial line, because the rest may belong to
/// another invocation.
pub(super) async fn forward(
    stream: impl AsyncRead + Unpin,
    mut drains: mpsc::UnboundedReceiver<Drain>,
    mut take: impl FnMut(&str),
) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut waiting) = (Vec::new(), Vec::new());
    let mut unyielded: usize = 0;
    loop {
        tokio::select! {
            // Drains are acknowledged only when nothing is left to read.
            biased;
            more = extend(&mut stream, &mut line) => {
                let Some(Extended { ended, bytes }) = more else { break };
                unyielded = unyielded.saturating_add(bytes);
                if ended || line.len() >= MAX_LINE_BYTES {
                    take(&String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)));
                    line.clear();
                }
                if unyielded >= YIELD_BYTES {
                    unyielded = 0;
                    yield_now().await;
                }
            }
            Some(drain) = drains.recv() => {
                waiting.push(drain);
                // The runtime polls the pipe while this task yields.
                yield_now().await;
            }
            () = ready(()), if !waiting.is_empty() => {
                if !line.is_empty() {
                    take(&String::from_utf8_lossy(&line));
                    line.clear();
                }
                for drain in waiting.drain(..) {
                    // The caller may have stopped waiting.
                    let _ = drain.send(());
                }
            }
        }
    }
    if !line.is_empty() {
        take(&String::from_utf8_lossy(&line));
    }
}

/// The result of a read.
struct Extended {
    /// Whether the line is complete.
    ended: bool,
    bytes: usize,
}

/// Reads more of a line. Returns `None` at the end of the stream.
async fn extend(stream: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> Option<Extended> {
    // A read error is treated as the end of the stream.
    let chunk = stream.fill_buf().await.ok().filter(|chunk| !chunk.is_empty())?;
    let (ended, bytes) = match chunk.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            line.extend(chunk.iter().take(end));
            (true, end.saturating_add(1))
        }
        None => {
            line.extend_from_slice(chunk);
            (false, chunk.len())
        }
    };
    stream.consume(bytes);
    Some(Extended { ended, bytes })
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
    async fn a_drain_is_answered_once_everything_printed_before_was_read() {
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
    async fn a_stream_is_split_at_line_breaks() {
        assert_eq!(lines(b"one\ntwo\r\n\nthree").await, ["one", "two", "", "three"]);
        assert_eq!(lines(b"").await, [""; 0]);
    }

    #[tokio::test]
    async fn a_line_without_end_is_split() {
        let parts = lines(&[b'x'; 600_000]).await;

        assert_eq!(parts.concat().len(), 600_000);
        assert!(parts.len() > 1);
    }

    #[tokio::test]
    async fn invalid_utf_8_is_replaced() {
        assert_eq!(lines(b"a\xffb\n").await, ["a\u{fffd}b"]);
    }
}
