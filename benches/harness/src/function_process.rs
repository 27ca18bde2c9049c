//! A process of a function, which takes one invocation at a time.

use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender};

use crate::process::Process;
use crate::runtime_api::RuntimeApi;

pub struct FunctionProcess {
    invocations: Sender<Vec<u8>>,
    responses: Receiver<Vec<u8>>,
}

impl FunctionProcess {
    /// Starts a program as a function that sends its checkpoints to the service at this URL.
    pub fn start(mut program: Command, service_url: &str) -> (Self, Process) {
        let (invocations, taken) = std::sync::mpsc::channel();
        let (responded, responses) = std::sync::mpsc::channel();
        let child = program
            .env("AWS_LAMBDA_RUNTIME_API", RuntimeApi::start(taken, responded))
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_ENDPOINT_URL_LAMBDA", service_url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the function starts");
        (Self { invocations, responses }, Process::new(child))
    }

    /// Invokes the function and returns its response.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn invoke(&self, input: Vec<u8>) -> Vec<u8> {
        self.invocations.send(input).expect("the Runtime API serves as long as this program");
        self.responses.recv().expect("the Runtime API serves as long as this program")
    }
}
