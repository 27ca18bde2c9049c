//! The metrics of a host: where invocations are, and how they end.

use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::store::MemoryStore;
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::Command;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::time::sleep;

use crate::clock::{VirtualClock, run};
use crate::functions::Functions;

/// A host whose functions run one invocation at a time.
fn busy_host() -> (Host, Registry) {
    let edges = |functions: Arc<Functions>| {
        let logs = Arc::new(MemoryLog::new(1_024));
        let mut edges = HostSettings::new(Arc::new(MemoryStore::default()), logs, functions);
        edges.clock = Arc::new(VirtualClock::new());
        edges
    };
    let host = Functions::host_with_capacity(edges, &Arc::default(), 1);
    let mut registry = Registry::default();
    host.register_metrics(&mut registry);
    (host, registry)
}

/// The value of a time series, named with its labels.
#[track_caller]
fn value(registry: &Registry, series: &str) -> f64 {
    let mut text = String::new();
    encode(&mut text, registry).unwrap();
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {series} in {text}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[test]
fn an_invocation_is_queued_or_in_flight_and_ends_once() {
    run(async {
        let (host, registry) = busy_host();
        let count = |series: &str| value(&registry, series);
        let running = host.start(ExecutionStart::new("hang")).await.unwrap().arn;
        sleep(Duration::from_secs(1)).await;
        let waiting = host.start(ExecutionStart::new("quick")).await.unwrap().arn;
        sleep(Duration::from_secs(1)).await;

        assert_eq!(count(r#"durable_invocations_in_flight{function="hang"}"#), 1.0);
        assert_eq!(count(r#"durable_invocations_queued{function="quick"}"#), 1.0);
        assert_eq!(count("durable_executions_running"), 2.0);

        host.command(&waiting, Command::Stop { error: None }).await.unwrap();
        host.command(&running, Command::Stop { error: None }).await.unwrap();
        sleep(Duration::from_secs(1)).await;

        assert_eq!(count(r#"durable_invocations_queued{function="quick"}"#), 0.0);
        assert_eq!(count(r#"durable_invocations_total{function="quick",outcome="withdrawn"}"#), 1.0);
        assert_eq!(count(r#"durable_invocation_queue_duration_seconds_count{function="quick"}"#), 0.0);
        assert_eq!(count(r#"durable_executions_ended_total{function="quick",status="STOPPED"}"#), 1.0);
        assert_eq!(count(r#"durable_commands_total{command="stop"}"#), 2.0);
        host.stop().await;
        assert_eq!(count(r#"durable_invocations_in_flight{function="hang"}"#), 0.0);
        assert_eq!(count(r#"durable_invocations_total{function="hang",outcome="aborted"}"#), 1.0);
    });
}

#[test]
fn an_execution_that_waits_is_counted_once_it_has_left_memory() {
    run(async {
        let (host, registry) = busy_host();
        let count = |series: &str| value(&registry, series);

        let arn = host.start(ExecutionStart::new("order")).await.unwrap().arn;
        sleep(Duration::from_secs(10)).await;
        let while_waiting = (count("durable_executions_running"), count("durable_executions_in_memory"));
        host.wait_closed(&arn).await.unwrap();

        assert_eq!(while_waiting, (1.0, 0.0));
        assert_eq!(count(r#"durable_executions_ended_total{function="order",status="SUCCEEDED"}"#), 1.0);
        assert!(count(r#"durable_commands_total{command="timer"}"#) >= 1.0);
        assert_eq!(count("durable_appends_in_flight"), 0.0);
        assert_eq!(count(r#"durable_invocations_total{function="tax",outcome="answered"}"#), 1.0);
    });
}

#[test]
fn a_registry_does_not_keep_a_host_alive() {
    run(async {
        let (host, registry) = busy_host();

        host.stop().await;
        drop(host);

        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(text.contains("durable_executions_started_total"), "{text}");
        assert!(!text.contains("durable_executions_running"), "{text}");
    });
}
