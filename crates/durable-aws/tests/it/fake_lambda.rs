//! A Lambda for one invocation: the Runtime API and the durable API on one port of this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What a function posted: where, and what.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) path: String,
    pub(crate) user_agent: String,
    pub(crate) body: Value,
}

/// A function process with the Lambda that it talks to.
pub(crate) struct FakeLambda {
    function: Child,
    posted: Receiver<Posted>,
}

struct Script {
    /// The payload of the only invocation, until it is delivered.
    payload: Mutex<Option<String>>,
    /// The answer to checkpoints: status, error type and body.
    checkpoint: (u16, &'static str, String),
}

impl FakeLambda {
    /// Starts this test program again as a function, by the name of the test that is the function.
    pub(crate) fn start(
        function: &str,
        payload: impl Into<String>,
        checkpoint: (u16, &'static str, String),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script { payload: Mutex::new(Some(payload.into())), checkpoint });
        let (sender, posted) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, sender) = (Arc::clone(&script), sender.clone());
                std::thread::spawn(move || serve(stream, &script, &sender));
            }
        });
        let function = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", function, "--ignored", "--nocapture"])
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{address}"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "test")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_MAX_ATTEMPTS", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { function, posted }
    }

    /// The next thing that the function posts.
    pub(crate) fn posted(&self) -> Posted {
        self.posted.recv_timeout(Duration::from_secs(30)).expect("the function posts something")
    }
}

impl Drop for FakeLambda {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
    }
}

fn serve(stream: TcpStream, script: &Script, sender: &Sender<Posted>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((request, user_agent, body)) = read_request(&mut reader) {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        if path.ends_with("/invocation/next") {
            let Some(payload) = script.payload.lock().unwrap().take() else {
                // There is no second invocation; the function waits until it is ended.
                continue;
            };
            let headers = "Lambda-Runtime-Aws-Request-Id: request-1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                           Lambda-Runtime-Invoked-Function-Arn: arn\r\nLambda-Runtime-Trace-Id: Root=1\r\n\
                           Lambda-Runtime-Client-Context: {\"custom\":{\"tenant\":\"t-1\"}}\r\n";
            write_response(&stream, 200, headers, &payload);
            continue;
        }
        let is_checkpoint = path.ends_with("/checkpoint");
        sender
            .send(Posted { path, user_agent, body: serde_json::from_slice(&body).unwrap_or_default() })
            .ok();
        if is_checkpoint {
            let (status, kind, body) = &script.checkpoint;
            write_response(&stream, *status, &format!("x-amzn-ErrorType: {kind}\r\n"), body);
        } else {
            write_response(&stream, 202, "", "{}");
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<(String, String, Vec<u8>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let value = lines
            .iter()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((lines.first()?.clone(), header("user-agent"), body))
}

fn write_response(mut stream: &TcpStream, status: u16, headers: &str, body: &str) {
    let response =
        format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(response.as_bytes());
}
