//! Requirements as processes of their own, against the local service over HTTP in real time.

mod client;
mod running;
mod service;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};

use super::catalogue::{TARGETS, handler};
use super::drive::drive;
use super::failure::Failure;
use super::report::{Report, Verdict};
use super::requirement::Case;
use super::variables::Variables;
use running::OverHttp;
use service::Service;

/// The argument that makes the program of the harness the launcher of functions; those of the launcher follow it.
pub const LAUNCH: &str = "launch-function";

/// The argument that makes the program of the harness a function, the one that `_HANDLER` names.
pub const SERVE: &str = "serve-function";

/// How many requirements run at once. They wait most of the time.
const AT_ONCE: usize = 24;

/// Runs requirements concurrently. The program plays the part that its first argument names: [`LAUNCH`] or [`SERVE`].
///
/// # Errors
/// If the local service does not start.
pub async fn run_over_http(cases: &[Case], program: PathBuf) -> Result<Report, Failure> {
    let began = Instant::now();
    let ids = cases.iter().map(|case| case.id.as_str()).filter(|id| handler(id).is_some());
    let service = Service::start(ids.chain(TARGETS), program).await?;
    let runs = stream::iter(cases.iter().enumerate()).map(async |(place, case)| {
        let (verdict, elapsed) = timed(case, &service).await;
        (place, case, verdict, elapsed)
    });
    let mut done: Vec<_> = runs.buffer_unordered(AT_ONCE).collect().await;
    done.sort_by_key(|(place, ..)| *place);
    service.stop().await;
    let mut report = Report::default();
    for (_, case, verdict, elapsed) in done {
        report.add(&case.suite, &case.id, verdict, elapsed);
    }
    report.elapsed = began.elapsed();
    Ok(report)
}

async fn timed(case: &Case, service: &Service) -> (Verdict, Duration) {
    if handler(&case.id).is_none() {
        return (Verdict::NotImplemented, Duration::ZERO);
    }
    let began = Instant::now();
    let verdict = match run(case, service).await {
        Ok(()) => Verdict::Passed,
        Err(failure) => Verdict::Failed(failure),
    };
    (verdict, began.elapsed())
}

async fn run(case: &Case, service: &Service) -> Result<(), Failure> {
    let variables = Variables::generate(&case.requirement.variables);
    let input = variables.substitute(&case.requirement.input);
    let mut execution = OverHttp::start(case, &input, service).await?;
    drive(&case.requirement, variables, &mut execution).await
}
