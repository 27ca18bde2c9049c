//! Requirements against AWS's own local runner: the same functions, recorded by a service that is not ours.

mod execution;
mod gaps;
mod process;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::check::check;
use super::drive::drive;
use super::failure::Failure;
use super::http::client::Client;
use super::http::service::{Service, functions};
use super::http::{concurrently, handled, if_implemented};
use super::report::{Report, Verdict};
use super::requirement::Case;
use super::variables::Variables;
use execution::start;
use gaps::without_gaps;
use process::AwsRunner;

/// Runs requirements concurrently against AWS's local runner, the program `dex-local-runner` of the Python package
/// `aws-durable-execution-sdk-python-testing`. The local service invokes the functions for it, and records nothing.
///
/// # Errors
/// If the runner or the local service does not start.
pub async fn run_on_aws_runner(cases: &[Case], program: PathBuf, runner: &Path) -> Result<Report, Failure> {
    let began = Instant::now();
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let functions = functions(handled(cases), &program, Some(&url));
    let service = Service::start(functions, program).await?;
    let runner = AwsRunner::start(runner, port, &format!("http://{}", service.client().0)).await?;
    let client = runner.client();
    let mut report =
        concurrently(cases, async |case| if_implemented(case, run(case, &service, client)).await).await;
    drop(runner);
    service.stop().await;
    report.elapsed = began.elapsed();
    Ok(report)
}

/// Runs a requirement, and leaves out what the runner does not tell if that is all that is wrong.
async fn run(case: &Case, service: &Service, client: Client) -> Result<Verdict, Failure> {
    let variables = Variables::generate(&case.requirement.variables);
    let input = variables.substitute(&case.requirement.input);
    let mut execution = start(case, &input, service, client).await?;
    let (told, left_out) = without_gaps(&case.requirement);
    drive(&told, variables.clone(), &mut execution).await?;
    match check(&case.requirement, &mut variables.clone(), &mut execution).await {
        Ok(()) => Ok(Verdict::Passed),
        Err(_) => Ok(Verdict::PassedWithout(left_out.into_iter().collect())),
    }
}

/// A port that nobody listens on just now.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.map_err(|error| Failure::of("there is no free port", &error))?.port())
}
