//! The Runtime API of one process of the function.

use std::io::{self, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::Message;

pub struct RuntimeApi {
    invocations: Mutex<Receiver<Vec<u8>>>,
    responses: Sender<Vec<u8>>,
}

impl RuntimeApi {
    /// Serves it as long as this program runs, and returns its address.
    pub fn start(invocations: Receiver<Vec<u8>>, responses: Sender<Vec<u8>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound").to_string();
        let api = Arc::new(Self { invocations: Mutex::new(invocations), responses });
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let api = Arc::clone(&api);
                // A connection that breaks ends with its thread.
                std::thread::spawn(move || api.serve(stream));
            }
        });
        address
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let request = Message::read(&mut reader)?;
            if request.first_line.starts_with("GET") {
                self.hand_out(&mut stream)?;
            } else {
                self.responses.send(request.body).map_err(io::Error::other)?;
                Message::respond(&mut stream, "202 Accepted", "", b"{}")?;
            }
        }
    }

    /// Answers a request for the next invocation as soon as there is one.
    fn hand_out(&self, stream: &mut TcpStream) -> io::Result<()> {
        let invocations = self.invocations.lock().unwrap_or_else(PoisonError::into_inner);
        let invocation = invocations.recv().map_err(io::Error::other)?;
        let headers = "Lambda-Runtime-Aws-Request-Id: bench\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                       Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n";
        Message::respond(stream, "200 OK", headers, &invocation)
    }
}
