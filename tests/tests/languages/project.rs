//! A `durable.toml` with functions of all languages, and `durable dev` that serves them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use durable_tests::serving::{Served, segment};
use serde_json::Value;
use tempfile::TempDir;

use crate::language::{Language, SCRIPTS, node_modules};

/// Much longer than anything here takes, so that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A project that is served, until it is dropped.
pub(crate) struct Project {
    folder: TempDir,
    _server: Served,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

impl Project {
    /// Serves the functions that are here.
    pub(crate) fn serve() -> Self {
        let folder = TempDir::new().unwrap();
        let config = durable_toml(&folder);
        Self::serve_configured(folder, &config)
    }

    /// Serves what a `durable.toml` in this folder lists.
    pub(crate) fn serve_configured(folder: TempDir, durable_toml: &str) -> Self {
        let config = folder.path().join("durable.toml");
        fs::write(&config, durable_toml).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
        command.args(["dev", "--port", "0", "--config"]).arg(config).current_dir(folder.path());
        let server = Served::start(command, |line| println!("{line}")).unwrap();
        let address = server.address().to_string();
        Self { folder, _server: server, address }
    }

    /// A file of the project.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where a function of the language leaves the id of its callback.
    pub(crate) fn callback_file(&self, language: Language) -> PathBuf {
        self.folder.path().join(format!("{}-callback", language.word()))
    }

    /// How often a body of a function of the language ran.
    pub(crate) fn runs(&self, language: Language, body: &str) -> usize {
        let log = fs::read_to_string(self.folder.path().join(format!("{}-{body}", language.word())));
        log.unwrap_or_default().lines().count()
    }

    /// Starts an execution and gives its ARN.
    pub(crate) fn start(&self, function: &str, input: &Value) -> String {
        let path = format!("/2015-03-31/functions/{function}/invocations?Qualifier=%24LATEST");
        let (head, _) = self.request("POST", &path, "X-Amz-Invocation-Type: Event\r\n", &input.to_string());
        let name = "x-amz-durable-execution-arn: ";
        head.lines().find_map(|line| line.strip_prefix(name)).expect(&head).to_owned()
    }

    /// What a function that is not durable answers.
    pub(crate) fn invoke(&self, function: &str) -> Value {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        serde_json::from_str(&self.request("POST", &path, "", "{}").1).unwrap()
    }

    /// Answers the callback that an execution of a function of the language waits for, once its submission is recorded.
    pub(crate) fn answer_callback(&self, arn: &str, language: Language, result: &str) {
        eventually(|| {
            let history = self.history(arn);
            let is_made = history.iter().any(|(event, _)| event == "CallbackStarted");
            (is_made && history.last()?.0 == "StepSucceeded").then_some(())
        });
        let id = fs::read_to_string(self.callback_file(language)).unwrap();
        let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", segment(&id));
        self.request("POST", &path, "", result);
    }

    /// The execution, once it has ended.
    pub(crate) fn closed(&self, arn: &str) -> Value {
        eventually(|| {
            let execution = self.read(&format!("/2025-12-01/durable-executions/{}", segment(arn)));
            (execution["Status"] != "RUNNING").then_some(execution)
        })
    }

    /// The types and the names of the events of an execution, but for the ends of its invocations, which come beside
    /// what they are not about.
    pub(crate) fn history(&self, arn: &str) -> Vec<(String, Option<String>)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let told = |event: &Value| (text(&event["EventType"]).unwrap(), text(&event["Name"]));
        let events = self.events(arn);
        events.iter().map(told).filter(|(event_type, _)| event_type != "InvocationCompleted").collect()
    }

    /// The types of the errors with which invocations of an execution ended.
    pub(crate) fn failed_invocations(&self, arn: &str) -> Vec<String> {
        self.error_types(arn, "InvocationCompletedDetails")
    }

    /// The types of the errors with which calls of an execution ended.
    pub(crate) fn failed_calls(&self, arn: &str) -> Vec<String> {
        self.error_types(arn, "ChainedInvokeFailedDetails")
    }

    fn error_types(&self, arn: &str, details: &str) -> Vec<String> {
        let error_type = |event: &Value| {
            let error = &event[details]["Error"]["Payload"];
            error["ErrorType"].as_str().map(str::to_owned)
        };
        self.events(arn).iter().filter_map(error_type).collect()
    }

    fn events(&self, arn: &str) -> Vec<Value> {
        let path = format!(
            "/2025-12-01/durable-executions/{}/history?MaxItems=1000&IncludeExecutionData=true",
            segment(arn)
        );
        self.read(&path)["Events"].as_array().unwrap().clone()
    }

    fn read(&self, path: &str) -> Value {
        serde_json::from_str(&self.request("GET", path, "", "").1).unwrap()
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
        let (address, length) = (&self.address, body.len());
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
        write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
        (head.to_owned(), body.to_owned())
    }
}

fn durable_toml(folder: &TempDir) -> String {
    let own = folder.path().display();
    let modules = PathBuf::from(node_modules());
    let handler = |function: &str, language: Language| {
        let (word, interpreter) = (language.word(), language.interpreter());
        let modules = modules.display();
        format!(
            r#"
            [functions.{function}-{word}]
            runtime = "{word}"
            interpreter = "{interpreter}"
            handler = "order.{function}"
            folder = "{SCRIPTS}"
            environment = {{ ORDER_FOLDER = "{own}", NODE_MODULES_FOLDER = "{modules}", PYTHONDONTWRITEBYTECODE = "1" }}
            timeout = 60
            "#,
        )
    };
    let languages = [Language::Python, Language::Node];
    let functions = ["order", "greet", "refuse", "report", "survive"];
    let handlers = languages.iter().flat_map(|it| functions.iter().map(|name| handler(name, *it)));
    let (hello, caller) = (env!("CARGO_BIN_EXE_hello-under-test"), env!("CARGO_BIN_EXE_caller"));
    let programs =
        format!("[functions.hello]\ncommand = [\"{hello}\"]\n[functions.caller]\ncommand = [\"{caller}\"]\n");
    handlers.chain([programs]).collect()
}

/// Waits until there is something to see.
pub(crate) fn eventually<T>(look: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "it never comes");
        std::thread::sleep(Duration::from_millis(20));
    }
}
