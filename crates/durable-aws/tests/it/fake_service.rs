//! A Lambda service on a local socket that answers from a script, and misbehaves where the script says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A response that is complete.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// How the service treats a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Answer(Answer),
    /// Answers, and then closes the connection without having announced it.
    AnswerAndClose(Answer),
    /// Answers, and then resets the connection.
    AnswerAndReset(Answer),
    /// Answers a little later.
    AnswerLate(Answer),
    /// Answers with more of a body than the head declares.
    MoreThan(Answer),
    /// Answers with half of the body, and closes the connection.
    HalfOf(Answer),
    /// Answers with half of the head, and resets the connection.
    HalfOfHead(Answer),
    /// Resets the connection after the request.
    Reset,
    /// Never answers, and keeps the connection open.
    Silence,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The number of the connection, from 0.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn client_token(&self) -> &str {
        self.body["ClientToken"].as_str().unwrap_or_default()
    }
}

/// Decides how to treat a request.
pub(crate) type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

/// A service that is running, on the runtime of the test.
pub(crate) struct FakeService {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn error(status: u16, code: &str, body: impl Into<String>) -> Self {
        Self::new(status, body).with_header("x-amzn-errortype", code)
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The response as it stands on the wire.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.head(), self.body)
    }

    fn head(&self) -> String {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {} Status\r\n{headers}Content-Length: {}\r\n\r\n", self.status, self.body.len())
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl FakeService {
    /// Treats requests as listed, one after the other, and resets the connections of all others.
    pub(crate) async fn replying<R: Into<Reply>>(replies: impl IntoIterator<Item = R>) -> Self {
        Self::resetting(0, replies).await
    }

    /// The same after connections that are reset before they carry a request.
    pub(crate) async fn resetting<R: Into<Reply>>(
        connections: usize,
        replies: impl IntoIterator<Item = R>,
    ) -> Self {
        let mut replies: VecDeque<Reply> = replies.into_iter().map(Into::into).collect();
        Self::start(connections, Box::new(move |_| replies.pop_front().unwrap_or(Reply::Reset))).await
    }

    pub(crate) async fn start(resets: usize, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (seen, script) = (Arc::clone(&requests), Arc::new(Mutex::new(script)));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                stream.set_nodelay(true).unwrap();
                if connection < resets {
                    stream.set_zero_linger().unwrap();
                    continue;
                }
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(request) = read_request(&mut stream, connection).await {
                        let reply = script.lock().unwrap()(&request);
                        seen.lock().unwrap().push(request);
                        if !treat(&mut stream, reply).await {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, requests }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Treats a request, and returns whether the connection stays open.
async fn treat(stream: &mut TcpStream, reply: Reply) -> bool {
    let reset = |stream: &mut TcpStream| stream.set_zero_linger().unwrap();
    match reply {
        Reply::Answer(answer) => {
            write(stream, &answer.text()).await;
            return true;
        }
        Reply::AnswerAndClose(answer) => write(stream, &answer.text()).await,
        Reply::AnswerAndReset(answer) => {
            write(stream, &answer.text()).await;
            // A reset discards what the client has not read yet.
            tokio::task::yield_now().await;
            reset(stream);
        }
        Reply::AnswerLate(answer) => {
            tokio::time::sleep(Duration::from_millis(2)).await;
            write(stream, &answer.text()).await;
            return true;
        }
        Reply::MoreThan(answer) => {
            let half = Answer {
                body: answer.body.get(..answer.body.len() / 2).unwrap().to_owned(),
                ..answer.clone()
            };
            write(stream, &format!("{}{}", half.head(), answer.body)).await;
            return true;
        }
        Reply::HalfOf(answer) => {
            let half = answer.body.get(..answer.body.len() / 2).unwrap();
            write(stream, &format!("{}{half}", answer.head())).await;
        }
        Reply::HalfOfHead(answer) => {
            let head = answer.head();
            write(stream, head.get(..head.len() / 2).unwrap()).await;
            tokio::task::yield_now().await;
            reset(stream);
        }
        Reply::Reset => reset(stream),
        Reply::Silence => std::future::pending().await,
    }
    false
}

async fn write(stream: &mut TcpStream, text: &str) {
    // The client may have gone.
    let _ = stream.write_all(text.as_bytes()).await;
}

/// Reads a request, unless the connection ends before.
pub(crate) async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    connection: usize,
) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8(bytes.drain(..end + 4).collect()).unwrap();
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let (method, uri) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    Some(Request { connection, method, path: path.to_owned(), query: query.to_owned(), headers, body })
}
