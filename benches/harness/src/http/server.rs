//! A server with a thread for each connection.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use super::message::Message;
use super::tls::Certificate;

/// A response, whose body is JSON.
pub struct Response {
    pub status: &'static str,
    /// Headers, each with its end of line.
    pub headers: &'static str,
    pub body: Vec<u8>,
}

impl Response {
    /// A response that says that the request has succeeded.
    pub fn ok(body: Vec<u8>) -> Self {
        Self { status: "200 OK", headers: "", body }
    }
}

/// Serves a free port of this machine as long as this program runs, and returns its address.
pub fn serve(respond: impl Fn(Message) -> io::Result<Response> + Send + Sync + 'static) -> SocketAddr {
    accept(move |stream| exchange(stream, &respond))
}

/// The same over TLS.
pub fn serve_tls(
    certificate: &Certificate,
    respond: impl Fn(Message) -> io::Result<Response> + Send + Sync + 'static,
) -> SocketAddr {
    let certificate = certificate.clone();
    accept(move |stream| exchange(certificate.accept(stream)?, &respond))
}

fn accept(serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            // A connection that breaks ends with its thread.
            std::thread::spawn(move || stream.set_nodelay(true).and_then(|()| serve(stream)));
        }
    });
    address
}

fn exchange(stream: impl Read + Write, respond: impl Fn(Message) -> io::Result<Response>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let request = Message::read(&mut stream)?;
        let Response { status, headers, body } = respond(request)?;
        Message::respond(stream.get_mut(), status, headers, &body)?;
    }
}
