//! Requirements as processes of their own, against the local service over HTTP in real time.

pub(crate) mod client;
pub(crate) mod running;
pub(crate) mod service;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};

use super::catalogue::{TARGETS, handler};
use super::drive::drive;
use super::failure::Failure;
use super::report::{Report, Verdict};
use super::requirement::Case;
use super::serve::TRANSPORT;
use super::variables::Variables;
use running::OverHttp;
use service::{Service, functions};

pub use service::{LAUNCH, SERVE};

/// How many requirements run at once. They wait most of the time.
const AT_ONCE: usize = 24;

/// Runs requirements concurrently. The program plays the part that its first argument names: [`LAUNCH`] or [`SERVE`].
///
/// # Errors
/// If the local service does not start, or if the transport that the environment selects is not built in.
pub async fn run_over_http(cases: &[Case], program: PathBuf) -> Result<Report, Failure> {
    if cfg!(not(feature = "aws-sdk")) && std::env::var_os(TRANSPORT).is_some() {
        return Err(Failure::new(format!("{TRANSPORT} needs the feature `aws-sdk`")));
    }
    let began = Instant::now();
    let functions = functions(handled(cases), &program, None);
    let service = Service::start(functions, program).await?;
    let mut report = concurrently(cases, async |case| if_implemented(case, run(case, &service)).await).await;
    service.stop().await;
    report.elapsed = began.elapsed();
    Ok(report)
}

/// The handlers that these requirements need.
pub(crate) fn handled(cases: &[Case]) -> impl Iterator<Item = String> {
    let of_cases = cases.iter().map(Case::function_name).filter(|name| handler(name).is_some());
    of_cases.chain(TARGETS.map(str::to_owned))
}

/// Runs requirements concurrently.
pub(crate) async fn concurrently(cases: &[Case], run: impl AsyncFn(&Case) -> Verdict) -> Report {
    let runs = stream::iter(cases.iter().enumerate()).map(async |(place, case)| {
        let (verdict, elapsed) = timed(case, &run).await;
        (place, case, verdict, elapsed)
    });
    let mut done: Vec<_> = runs.buffer_unordered(AT_ONCE).collect().await;
    done.sort_by_key(|(place, ..)| *place);
    let mut report = Report::default();
    for (_, case, verdict, elapsed) in done {
        report.add(case, verdict, elapsed);
    }
    report
}

async fn timed(case: &Case, run: impl AsyncFn(&Case) -> Verdict) -> (Verdict, Duration) {
    let began = Instant::now();
    let verdict = run(case).await;
    (verdict, began.elapsed())
}

/// Runs a requirement if there is a handler for it.
pub(crate) async fn if_implemented(
    case: &Case,
    run: impl Future<Output = Result<Verdict, Failure>>,
) -> Verdict {
    if handler(&case.function_name()).is_none() {
        return Verdict::NotImplemented;
    }
    run.await.unwrap_or_else(Verdict::Failed)
}

async fn run(case: &Case, service: &Service) -> Result<Verdict, Failure> {
    let variables = Variables::generate(&case.requirement.variables);
    let input = variables.substitute(&case.requirement.input);
    let mut execution = OverHttp::start(&case.function_name(), &case.requirement, &input, service).await?;
    drive(&case.requirement, variables, &mut execution).await?;
    Ok(Verdict::Passed)
}
