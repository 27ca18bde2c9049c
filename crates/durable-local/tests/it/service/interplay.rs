//! Pauses, resumes, stops and deletions at random moments, all at once, over HTTP.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::{Answer, Call};
use super::eventually::until;
use super::guest::Host;

const EXECUTIONS: u64 = 24;
const CALLS: u64 = 12;

/// A sequence of numbers that its seed determines.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

async fn start(host: &Host, number: u64, random: &mut Random) -> String {
    let tasks = ["steps 8", "callback 1 -", "wait 1", "fail declined", "poll", "steps 1"];
    let task = tasks[usize::try_from(random.below(6)).unwrap()];
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-invocation-type", "Event");
    host.call(call.header("x-amz-durable-execution-name", format!("e{number}"))).await.arn()
}

/// Does this and that to an execution.
async fn trouble(address: SocketAddr, arn: String, mut random: Random) {
    for _ in 0..CALLS {
        for _ in 0..random.below(40) {
            tokio::task::yield_now().await;
        }
        let call = match random.below(12) {
            0..=3 => Call::on("POST", &arn, "/pause"),
            4..=7 => Call::on("POST", &arn, "/resume"),
            8 => Call::on("POST", &arn, "/stop"),
            9 => Call::on("DELETE", &arn, ""),
            10 => Call::on("GET", &arn, ""),
            _ => Call::on("GET", &arn, "/history"),
        };
        let answer = call.send(address).await;
        assert!(matches!(answer.status, 200 | 202 | 404 | 409), "{}", text(&answer));
    }
    // Whatever it stands at, it is over after this.
    Call::on("POST", &arn, "/stop").send(address).await;
}

fn text(answer: &Answer) -> String {
    format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))
}

async fn listed(host: &Host, status: &str) -> Vec<Value> {
    let path = format!("/2025-12-01/functions/order/durable-executions?MaxItems=1000{status}");
    let list = host.call(Call::get(path)).await.json();
    list["DurableExecutions"].as_array().unwrap().clone()
}

/// The history tells a pause, then its end, and so on, in order and without gaps. Says how many pauses it tells of.
fn assert_sound(history: &Value) -> usize {
    let events = history["Events"].as_array().unwrap();
    let mut is_paused = false;
    for (event, id) in events.iter().zip(1..) {
        assert_eq!(event["EventId"], json!(id));
        match event["EventType"].as_str().unwrap() {
            "ExecutionPaused" => assert!(!std::mem::replace(&mut is_paused, true), "{history}"),
            "ExecutionResumed" => assert!(std::mem::replace(&mut is_paused, false), "{history}"),
            _ => {}
        }
    }
    let ends = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionStopped"];
    let is_end = |event: &&Value| ends.contains(&event["EventType"].as_str().unwrap());
    assert_eq!(events.iter().filter(is_end).count(), 1, "{history}");
    events.iter().filter(|event| event["EventType"] == "ExecutionPaused").count()
}

/// Says how many executions there are, and how often they were paused.
async fn assert_all_sound(host: &Host) -> (usize, usize) {
    let executions = listed(host, "").await;
    let mut pauses = 0;
    for execution in &executions {
        let arn = execution["DurableExecutionArn"].as_str().unwrap();
        let described = host.call(Call::on("GET", arn, "")).await.json();
        assert_eq!(described["Status"], execution["Status"]);
        pauses += assert_sound(&host.call(Call::on("GET", arn, "/history?MaxItems=1000")).await.json());
    }
    (executions.len(), pauses)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executions_that_are_paused_resumed_stopped_and_deleted_at_random_stay_sound() {
    let mut seen = (0, 0);
    for seed in 1..=3 {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::start(folder.path()).await;
        let mut random = Random(seed);
        let mut troubles = JoinSet::new();
        for number in 0..EXECUTIONS {
            let arn = start(&host, number, &mut random).await;
            let own = Random(random.below(u64::MAX));
            troubles.spawn(trouble(host.service().address().unwrap(), arn, own));
        }
        while let Some(ended) = troubles.join_next().await {
            ended.unwrap();
        }

        // What is still being deleted waits for its last invocation.
        until("what is deleted is gone", async || listed(&host, "&Statuses=DELETING").await.is_empty()).await;
        assert!(listed(&host, "&Statuses=RUNNING&Statuses=PAUSED&Statuses=PAUSING").await.is_empty());
        let left = assert_all_sound(&host).await;
        seen = (seen.0 + left.0, seen.1 + left.1);
        host.shutdown().await;

        let host = Host::start(folder.path()).await;
        assert_eq!(assert_all_sound(&host).await, left, "seed {seed}");
        assert_eq!(host.guest.invocations(), 0, "what has ended is not invoked");
        host.shutdown().await;
    }
    let (left, pauses) = seen;
    assert!(left > 0 && pauses > 0, "{left} executions with {pauses} pauses are left to look at");
    assert!(left < 3 * usize::try_from(EXECUTIONS).unwrap(), "some were deleted");
}
