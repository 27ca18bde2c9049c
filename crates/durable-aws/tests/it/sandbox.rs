//! A sandbox of Lambda that a test can freeze: a function process, and a service that answers when the test says so.

use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde_json::{Value, json};
use socket2::SockRef;

use crate::fake_lambda::{function_process, read_request};
use crate::fake_service::{Answer, Request};
use crate::ledger::Ledger;

/// A function process, the Runtime API that invokes it, and the service that it sends checkpoints to.
pub(crate) struct Sandbox {
    function: Child,
    invocations: Sender<String>,
    arrived: Receiver<Arrived>,
    connections: Connections,
}

/// A request of the function that waits for the test to treat it. One that is dropped is never answered.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) request: Request,
    answer: Sender<Answer>,
}

/// The connections that the service has accepted, by number, until it ends them.
type Connections = Arc<Mutex<Vec<Option<Connection>>>>;

struct Connection {
    stream: TcpStream,
    thread: JoinHandle<()>,
}

/// How a server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Reset,
}

impl Sandbox {
    /// Starts this test program again as a function, by the name of the test that is the function.
    pub(crate) fn start(function: &str, variables: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (invocations, next) = channel();
        let (sender, arrived) = channel();
        let connections = Connections::default();
        let (accepted, next) = (Arc::clone(&connections), Arc::new(Mutex::new(next)));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let (sender, next, own) = (sender.clone(), Arc::clone(&next), stream.try_clone().unwrap());
                let mut accepted = accepted.lock().unwrap();
                let thread = std::thread::spawn(move || serve(&own, number, &next, &sender));
                accepted.push(Some(Connection { stream, thread }));
            }
        });
        let mut process = function_process(function, address);
        process.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
        // More than any test needs, for a machine that is so slow that responses come too late.
        process.env("AWS_MAX_ATTEMPTS", "10").envs(variables.iter().copied());
        Self { function: process.spawn().unwrap(), invocations, arrived, connections }
    }

    /// Invokes the function for a new execution, whose ledger the test keeps.
    pub(crate) fn invoke(&self, execution: &str) -> Ledger {
        let record = json!({"Id": execution, "Type": "EXECUTION", "Status": "STARTED",
            "ExecutionDetails": {"InputPayload": format!("\"{execution}\"")}});
        let payload = json!({"DurableExecutionArn": format!("arn:x/durable-execution/a/{execution}"),
            "CheckpointToken": "0", "InitialExecutionState": {"Operations": [record], "NextMarker": ""}});
        self.invocations.send(payload.to_string()).unwrap();
        Ledger::new()
    }

    /// The next request, whatever it is.
    pub(crate) fn arrived(&self) -> Arrived {
        self.arrived.recv_timeout(Duration::from_secs(60)).expect("the function sends a request")
    }

    /// The next request, which is a checkpoint.
    pub(crate) fn checkpoint(&self) -> Arrived {
        let arrived = self.arrived();
        assert!(arrived.is_checkpoint(), "{arrived:?}");
        arrived
    }

    /// Records and answers checkpoints until the invocation ends, and returns its output.
    pub(crate) fn run_to_end(&self, ledger: &mut Ledger) -> Value {
        loop {
            let arrived = self.arrived();
            if !arrived.is_checkpoint() {
                let output = arrived.request.body.clone();
                arrived.answer(Answer::new(202, "{}"));
                return output;
            }
            arrived.record_in(ledger);
        }
    }

    /// How many connections the service has accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// Stops the process as the sandbox does: none of its threads runs until it is thawed.
    pub(crate) fn freeze(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    pub(crate) fn thaw(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Ends a connection on the side of the service.
    pub(crate) fn end_connection(&self, number: usize, ending: Ending) {
        let connection = self.connections.lock().unwrap()[number].take();
        let Connection { stream, thread } = connection.expect("the service has not ended it yet");
        if ending == Ending::Reset {
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
        // Ends the thread, which owns the socket as well.
        stream.shutdown(Shutdown::Read).unwrap();
        thread.join().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.function)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
    }
}

impl Arrived {
    pub(crate) fn is_checkpoint(&self) -> bool {
        self.request.path.ends_with("/checkpoint")
    }

    /// Records a checkpoint, and answers it.
    pub(crate) fn record_in(self, ledger: &mut Ledger) {
        let answer = ledger.record(&self.request);
        self.answer(answer);
    }

    pub(crate) fn answer(self, answer: Answer) {
        self.answer.send(answer).unwrap();
    }
}

/// Serves one connection until it ends.
fn serve(
    mut stream: &TcpStream,
    connection: usize,
    next: &Mutex<Receiver<String>>,
    arrived: &Sender<Arrived>,
) {
    let mut reader = BufReader::new(stream);
    for number in 0.. {
        let Some(request) = read_request(&mut reader, connection) else { return };
        let answer = if request.path.ends_with("/invocation/next") {
            let Ok(payload) = next.lock().unwrap().recv() else { return };
            Answer::ok(payload)
                .with_header("Lambda-Runtime-Aws-Request-Id", &format!("request-{connection}-{number}"))
                .with_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                .with_header("Lambda-Runtime-Invoked-Function-Arn", "arn")
        } else {
            let (sender, answer) = channel();
            if arrived.send(Arrived { request, answer: sender }).is_err() {
                return;
            }
            let Ok(answer) = answer.recv() else { continue };
            answer
        };
        // The function may have closed the connection.
        let _ = stream.write_all(answer.text().as_bytes());
    }
}
