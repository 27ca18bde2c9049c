//! The function under test: a small client of the Runtime API that follows the instructions in its events.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

/// The environment variable that replaces the normal start of the process.
pub(crate) const START: &str = "DURABLE_TEST_START";

/// A response of the Runtime API.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends one request to this address, `HOST:PORT`.
pub(super) fn request(address: &str, method: &str, path: &str, body: &[u8]) -> Answer {
    request_with(address, &format!("Host: {address}"), method, path, body)
}

/// Sends one request with this header instead of the `Host` header.
fn request_with(address: &str, header: &str, method: &str, path: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\n{header}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = Vec::new();
    loop {
        line.clear();
        lines.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut body = Vec::new();
    lines.read_to_end(&mut body).unwrap();
    Answer { status, headers, body }
}

/// Runs the function: requests and handles invocations until it is instructed to exit.
pub(crate) fn serve() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    match std::env::var(START).as_deref() {
        Ok("exit") => {
            println!("started in vain");
            std::process::exit(4);
        }
        Ok("init error") => {
            let error = json!({ "errorMessage": "no table", "errorType": "Config" }).to_string();
            assert_eq!(request(&api, "POST", "init/error", error.as_bytes()).status, 202);
            eprintln!("last words");
            std::process::exit(1);
        }
        Ok(other) => panic!("no such start: {other}"),
        Err(_) => {}
    }
    println!("function process {}", std::process::id());
    let mut last_status = 0;
    loop {
        let invocation = request(&api, "GET", "invocation/next", b"");
        assert_eq!(invocation.status, 200);
        last_status = work(&api, &invocation, last_status);
    }
}

/// Follows the instruction in an event, and returns the status code of the response to its result.
fn work(api: &str, invocation: &Answer, last_status: u16) -> u16 {
    let id = invocation.header("lambda-runtime-aws-request-id");
    let respond = |body: Value| {
        request(api, "POST", &format!("invocation/{id}/response"), body.to_string().as_bytes()).status
    };
    match invocation.json()["do"].as_str().unwrap() {
        "echo" => respond(echo(invocation, last_status)),
        "fail" => {
            let error =
                json!({ "errorMessage": "declined", "errorType": "Payment", "stackTrace": ["a", "b"] });
            request(api, "POST", &format!("invocation/{id}/error"), error.to_string().as_bytes()).status
        }
        "print" => {
            println!("to stdout");
            eprint!("to stderr, without an end");
            respond(Value::Null)
        }
        "print without end" => {
            std::thread::spawn(|| {
                loop {
                    println!("{}", "x".repeat(1_000));
                }
            });
            respond(Value::Null)
        }
        "report too much" => {
            let error = json!({ "errorMessage": "x".repeat(7 * 1024 * 1024), "errorType": "Payment" });
            request(api, "POST", &format!("invocation/{id}/error"), error.to_string().as_bytes()).status
        }
        "fail in the middle of a stream" => stream_and_fail(api, id),
        "answer too much" => respond("x".repeat(7 * 1024 * 1024).into()),
        "misbehave" => {
            let wrong = request(api, "POST", "invocation/r-0/response", b"0");
            let early = request(api, "GET", "invocation/next", b"");
            let late = request(api, "POST", "init/error", b"{}");
            let restored = request(api, "GET", "restore/next", b"");
            let answered = [&wrong, &early, &late].map(|answer| json!([answer.status, answer.json()]));
            let status = respond(json!([answered, restored.status]));
            let twice = request(api, "POST", &format!("invocation/{id}/response"), b"0");
            println!("twice {}", twice.status);
            status
        }
        "send what a web page would" => respond(as_a_web_page(api, id)),
        "answer and exit" => {
            respond(json!({ "pid": std::process::id() }));
            std::process::exit(0)
        }
        "start a child and hang" => {
            let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
            println!("child process {}", child.id());
            child.wait().unwrap();
            hang()
        }
        "exit" => std::process::exit(3),
        "abort" => std::process::abort(),
        "hang" => hang(),
        other => panic!("no such task: {other}"),
    }
}

/// Streams the first part of a response, followed by the error that ended it.
fn stream_and_fail(api: &str, id: &str) -> u16 {
    let mut stream = TcpStream::connect(api).unwrap();
    write!(
        stream,
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\
         Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\
         Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n\
         5\r\nhalf \r\n0\r\nLambda-Runtime-Function-Error-Type: Payment\r\n\
         Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJkZWNsaW5lZCJ9\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Sends requests with the host name of another site, and with the origin of another page.
fn as_a_web_page(api: &str, id: &str) -> Value {
    let headers = ["Host: evil.example".to_owned(), format!("Host: {api}\r\nOrigin: http://evil.example")];
    let answers = headers.iter().flat_map(|header| {
        [
            request_with(api, header, "POST", &format!("invocation/{id}/response"), b"0"),
            request_with(api, header, "GET", "invocation/next", b""),
            request_with(api, header, "POST", "init/error", b"{}"),
        ]
    });
    answers.map(|answer| json!([answer.status, answer.json()["errorType"]])).collect()
}

fn hang() -> ! {
    println!("hanging process {}", std::process::id());
    loop {
        std::thread::sleep(Duration::from_secs(1_000));
    }
}

fn echo(invocation: &Answer, last_status: u16) -> Value {
    let variables: serde_json::Map<String, Value> =
        std::env::vars().map(|(name, value)| (name, value.into())).collect();
    let headers: serde_json::Map<String, Value> =
        invocation.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "pid": std::process::id(),
        "event": invocation.json(),
        "headers": headers,
        "environment": variables,
        "folder": std::env::current_dir().unwrap(),
        "last_status": last_status,
    })
}
