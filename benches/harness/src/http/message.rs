//! A request or a response.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

pub struct Message {
    pub first_line: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    pub fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let first_line = read_line(stream)?;
        let mut headers = Vec::new();
        while let Some((name, value)) = read_line(stream)?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { first_line, headers, body: Vec::new() };
        message.body = message.read_body(stream)?;
        Ok(message)
    }

    /// Writes a response of JSON.
    pub fn respond(stream: &mut impl Write, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat())
    }

    /// Whether the connection ends after it.
    pub fn is_last(&self) -> bool {
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

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn read_body(&self, stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
        if self.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            return read_chunks(stream);
        }
        let mut body = Vec::new();
        if let Ok(length) = self.header("content-length").parse() {
            body.resize(length, 0);
            stream.read_exact(&mut body)?;
        } else if self.is_last() {
            stream.read_to_end(&mut body)?;
        }
        Ok(body)
    }
}

fn read_line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = u64::from_str_radix(&read_line(stream)?, 16).map_err(io::Error::other)?;
        stream.take(length).read_to_end(&mut body)?;
        read_line(stream)?;
        if length == 0 {
            return Ok(body);
        }
    }
}
