//! Whether executions are traced.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_otel::{BuildError, Otel};
use durable_testing::TestRunner;

use crate::exported::Exported;

async fn handler(_: (), ctx: DurableContext) -> Result<Option<String>> {
    ctx.wait("pause", Duration::from_secs(1)).await?;
    ctx.invoke("other", "other:1", &()).await
}

async fn other(_: (), ctx: DurableContext) -> Result<Option<String>> {
    Ok(ctx.lambda_context().trace_header.clone())
}

async fn run(exported: &Exported, ratio: f64, header: Option<&str>) -> String {
    let otel = exported.otel(|otel| otel.sampling_ratio(ratio));
    let runner = TestRunner::new(handler).function("other", other).plugins(otel.plugins());
    let runner = match header {
        Some(header) => runner.trace_header(header),
        None => runner,
    };
    runner.run(&()).await.unwrap().result::<Option<String>>().unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_not_sampled_exports_nothing_and_tells_those_that_it_invokes() {
    let exported = Exported::default();

    let header = run(&exported, 0.0, None).await;

    assert!(header.ends_with(";Sampled=0"), "{header}");
    assert_eq!(exported.spans(), []);
}

#[tokio::test(start_paused = true)]
async fn the_caller_decides_whatever_the_ratio_says() {
    let exported = Exported::default();
    let root = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8";

    run(&exported, 1.0, Some(&format!("{root};Sampled=0"))).await;
    assert_eq!(exported.spans(), []);

    run(&exported, 0.0, Some(&format!("{root};Sampled=1"))).await;
    assert!(exported.spans().iter().any(|span| span.name == "Workflow"));
}

#[test]
fn a_ratio_that_is_none_is_an_error_that_names_it() {
    for ratio in [-0.1, 1.1, f64::NAN] {
        let error = Otel::builder().exporter(Exported::default()).sampling_ratio(ratio).build().unwrap_err();

        assert!(matches!(error, BuildError::SamplingRatio(_)));
        assert!(error.to_string().contains("from 0 to 1"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_export_that_fails_affects_nothing() {
    let exported = Exported::failing();

    let header = run(&exported, 1.0, None).await;

    assert!(header.ends_with(";Sampled=1"), "{header}");
}
