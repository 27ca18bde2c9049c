//! Measures a local service: how fast it starts, records and answers, and what it needs; see the README.

mod aws_runner;
mod durable;
mod function;
mod http;
mod measure;
mod process;
mod service;
mod spread;

use std::path::PathBuf;

use aws_runner::AwsRunner;
use durable::Durable;
use measure::{Sizes, measure};

fn main() {
    // Both services start this program as the function, too.
    if let Ok(runtime_api) = std::env::var("AWS_LAMBDA_RUNTIME_API") {
        return function::serve_runtime(&runtime_api);
    }
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let Some(durable) = arguments.next() else {
        eprintln!("usage: durable-local-bench DURABLE [DEX_LOCAL_RUNNER]");
        std::process::exit(2);
    };
    measure(&Durable { program: durable }, &Sizes::FULL);
    if let Some(program) = arguments.next() {
        measure(&AwsRunner { program }, &Sizes::WITHOUT_LONG_EXECUTIONS);
    }
}
