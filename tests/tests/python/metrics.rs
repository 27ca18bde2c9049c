//! The metrics of `durable dev`, parsed by Prometheus's Python client.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::boto3::{ORDER, python, serve};

#[test]
fn prometheus_parses_the_metrics_in_both_formats() {
    let Some(python) = python("prometheus_client") else { return };
    let folder = TempDir::new().unwrap();
    let server = serve(folder.path(), "order", Path::new(env!("CARGO_BIN_EXE_order-under-test")));
    let client = http_invoke(&python, &server.endpoint());
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/metrics.py");

    let output = Command::new(python).arg(script).arg(server.endpoint()).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let parsed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let content_type = |format: &str| parsed[format]["content_type"].clone();
    assert_eq!(content_type("open_metrics"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_eq!(content_type("prometheus"), "text/plain; version=0.0.4; charset=utf-8");
    for format in ["open_metrics", "prometheus"] {
        assert_eq!(value(&parsed[format], "durable_executions_started_total", &[("function", "order")]), 1.0);
        let ended = [("function", "order"), ("status", "SUCCEEDED")];
        assert_eq!(value(&parsed[format], "durable_executions_ended_total", &ended), 1.0);
        assert_eq!(value(&parsed[format], "durable_processes_started_total", &[("function", "order")]), 1.0);
        assert!(value(&parsed[format], "durable_store_commit_duration_seconds_count", &[]) >= 3.0);
    }
    assert_families(&parsed["open_metrics"]["families"]);
    assert_eq!(
        names(&parsed["open_metrics"]["samples"]),
        names(&parsed["prometheus"]["samples"]),
        "both formats hold the same series"
    );
}

/// Starts an execution and waits for it.
fn http_invoke(python: &str, endpoint: &str) -> std::process::Output {
    let script = "import sys, urllib.request as r; \
                  r.urlopen(sys.argv[1] + '/2015-03-31/functions/order:$LATEST/invocations', sys.argv[2].encode()).read()";
    Command::new(python).args(["-c", script, endpoint, ORDER]).output().unwrap()
}

fn value(parsed: &Value, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels: Value = labels.iter().map(|(label, value)| ((*label).to_owned(), json!(value))).collect();
    let samples = parsed["samples"].as_array().unwrap();
    let sample = samples.iter().find(|sample| sample[0] == name && sample[1] == labels);
    sample.unwrap_or_else(|| panic!("no {name} with {labels} in {samples:?}"))[2].as_f64().unwrap()
}

fn names(samples: &Value) -> BTreeSet<&str> {
    samples.as_array().unwrap().iter().map(|sample| sample[0].as_str().unwrap()).collect()
}

/// Every family is described, and its unit is part of its name.
fn assert_families(families: &Value) {
    for (name, family) in families.as_object().unwrap() {
        assert!(name.starts_with("durable_") || name.starts_with("process_"), "{name}");
        assert_eq!(family[2], true, "{name} is described");
        let unit = family[1].as_str().unwrap();
        assert!(unit.is_empty() || name.ends_with(&format!("_{unit}")), "{name} in {unit}");
        assert_ne!(family[0], "unknown", "{name} has a type");
    }
}
