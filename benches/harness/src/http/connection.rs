//! A client's connection, which is kept between requests.

use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Message;

pub struct Connection {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Sends a request and reads its response, which must be a success.
    pub fn call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Message {
        let response = self.try_call(method, path, headers, body).expect("the service responds");
        assert!((200..300).contains(&response.status()), "{} {}", response.first_line, response.text());
        response
    }

    /// Asks until the response is 200.
    pub fn wait_until_healthy(&mut self, path: &str) {
        while !self.try_call("GET", path, "", b"").is_ok_and(|response| response.status() == 200) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn try_call(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<Message> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let response = Message::read(&mut stream)?;
        self.stream = (!response.is_last()).then_some(stream);
        Ok(response)
    }
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}
