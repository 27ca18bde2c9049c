//! Requirements about telemetry as processes of their own, which export spans over HTTP to a collector.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use durable_functions::FunctionSettings;
use durable_local::FunctionDefinition;
use durable_types::DurableConfig;
use serde_json::Value;

use super::collector::Collector;
use super::conditions::{execution_timeout, with_delay};
use super::observation::{Observation, SERVICE_NAME};
use super::plugins::VIEW;
use super::view::{View, in_each_view, views};
use crate::conformance::catalogue::{OTEL, OTEL_TARGET};
use crate::conformance::failure::Failure;
use crate::conformance::http::concurrently;
use crate::conformance::http::running::OverHttp;
use crate::conformance::http::service::{Service, process};
use crate::conformance::report::{Report, Verdict};
use crate::conformance::requirement::Case;
use crate::conformance::variables::Variables;

/// How long executions are suspended that can be suspended for long.
const DELAY: Duration = Duration::from_secs(1);

/// Runs requirements about telemetry concurrently, each in the views that it is about. The program plays the part that
/// its first argument names: [`LAUNCH`](crate::conformance::LAUNCH) or [`SERVE`](crate::conformance::SERVE).
///
/// # Errors
/// If the local service or the collector does not start, or if a function sends something else than spans.
pub async fn run_telemetry_over_http(cases: &[Case], program: PathBuf) -> Result<Report, Failure> {
    let began = Instant::now();
    let collector = Collector::start().await?;
    let functions = functions(cases, &collector, &program);
    let service = Service::start(functions, program).await?;
    let mut report = concurrently(cases, async |case| run(case, &service, &collector).await).await;
    service.stop().await;
    if let [first, ..] = collector.rejected().as_slice() {
        return Err(Failure::new(format!("the collector rejected a request: {first}")));
    }
    report.elapsed = began.elapsed();
    Ok(report)
}

async fn run(case: &Case, service: &Service, collector: &Collector) -> Verdict {
    in_each_view(case, async |view, assertions| {
        run_in_view(case, (view, assertions), service, collector).await
    })
    .await
}

async fn run_in_view(
    case: &Case,
    (view, assertions): (View, &Value),
    service: &Service,
    collector: &Collector,
) -> Result<(), Failure> {
    let requirement = with_delay(&case.requirement, DELAY);
    let variables = Variables::generate(&requirement.variables);
    let input = variables.substitute(&requirement.input);
    let name = function_name(&case.id, view);
    let mut execution = OverHttp::start(&name, &requirement, &input, service).await?;
    let collect = |arns: &[&str]| collector.spans_of(arns);
    Observation::of(&requirement, assertions, variables, &mut execution, collect).await?.evaluate()
}

fn function_name(name: &str, view: View) -> String {
    format!("{name}-{view}")
}

/// A function for each requirement and view, and one for each view that those invoke.
fn functions(cases: &[Case], collector: &Collector, program: &Path) -> Vec<FunctionDefinition> {
    let mut functions = Vec::new();
    for view in [View::Invocation, View::Execution] {
        let name = function_name(OTEL_TARGET, view);
        let mut settings = process(&name, OTEL_TARGET, program);
        settings.environment.insert("TARGET_DURATION_MS".to_owned(), "500".to_owned());
        functions.push(FunctionDefinition::process(exporting(settings, view, collector)));
    }
    for case in cases {
        for (view, _) in views(case) {
            let settings = process(&function_name(&case.id, view), OTEL, program);
            let mut settings = exporting(settings, view, collector);
            let target = format!("{}:$LATEST", function_name(OTEL_TARGET, view));
            settings.environment.insert("TARGET_FUNCTION_NAME".to_owned(), target);
            let mut config = DurableConfig::default();
            let timeout = execution_timeout(&case.requirement);
            config.execution_timeout = timeout.and_then(|timeout| u32::try_from(timeout.as_secs()).ok());
            functions.push(FunctionDefinition::process(settings).with_durable_config(config));
        }
    }
    functions
}

/// The settings of a function that exports spans in this view.
fn exporting(mut settings: FunctionSettings, view: View, collector: &Collector) -> FunctionSettings {
    settings.environment.extend([
        (VIEW.to_owned(), view.name().to_owned()),
        ("OTEL_SERVICE_NAME".to_owned(), SERVICE_NAME.to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), collector.endpoint()),
    ]);
    settings
}
