//! The Runtime API of one process of a function.

use std::io;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, PoisonError};

use crate::http::{Message, Response, serve};

pub struct RuntimeApi {
    invocations: Mutex<Receiver<Vec<u8>>>,
    responses: Sender<Vec<u8>>,
}

impl RuntimeApi {
    /// Serves it as long as this program runs, and returns its address.
    pub fn start(invocations: Receiver<Vec<u8>>, responses: Sender<Vec<u8>>) -> String {
        let api = Self { invocations: Mutex::new(invocations), responses };
        serve(move |request| api.respond(request)).to_string()
    }

    fn respond(&self, request: Message) -> io::Result<Response> {
        if request.first_line.starts_with("GET") {
            return self.next_invocation();
        }
        self.responses.send(request.body).map_err(io::Error::other)?;
        Ok(Response { status: "202 Accepted", headers: "", body: b"{}".to_vec() })
    }

    /// Responds as soon as there is an invocation.
    fn next_invocation(&self) -> io::Result<Response> {
        let invocations = self.invocations.lock().unwrap_or_else(PoisonError::into_inner);
        let body = invocations.recv().map_err(io::Error::other)?;
        let headers = "Lambda-Runtime-Aws-Request-Id: bench\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                       Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:bench\r\n";
        Ok(Response { status: "200 OK", headers, body })
    }
}
