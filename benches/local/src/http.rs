//! The smallest HTTP client that keeps its connection, which blocks.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::Value;

pub struct Connection {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

pub struct Message {
    pub first_line: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Connection {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Sends a request and reads its answer, which must be a success.
    pub fn call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Message {
        let answer = self.try_call(method, path, headers, body).expect("an answer");
        assert!((200..300).contains(&answer.status()), "{} {}", answer.first_line, answer.text());
        answer
    }

    pub fn try_call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<Message> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let answer = Message::read(&mut stream)?;
        self.stream = (!answer.closes()).then_some(stream);
        Ok(answer)
    }
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

impl Message {
    pub fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let mut line = || -> io::Result<String> {
            let mut line = String::new();
            match stream.read_line(&mut line)? {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(line.trim_end().to_owned()),
            }
        };
        let first_line = line()?;
        let mut headers = Vec::new();
        while let Some((name, value)) = line()?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { first_line, headers, body: Vec::new() };
        match message.header("content-length").parse() {
            Ok(length) => {
                message.body = vec![0; length];
                stream.read_exact(&mut message.body)?;
            }
            // An answer whose length is not told ends with the connection.
            Err(_) if message.closes() => drop(stream.read_to_end(&mut message.body)?),
            Err(_) => {}
        }
        Ok(message)
    }

    /// Whether the connection ends after it.
    fn closes(&self) -> bool {
        self.first_line.starts_with("HTTP/1.0") || self.header("connection").eq_ignore_ascii_case("close")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn status(&self) -> u16 {
        self.first_line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A text as a segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
