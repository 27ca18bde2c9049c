//! How much of the disk an execution takes.

use std::fs;

use durable_store_sqlite::{Append, ExecutionRow, StatusChange, Store, WakeUp};
use durable_types::{ExecutionStatus, Timestamp};

use super::random_text::random_text;

const EXECUTIONS: u64 = 500;

/// An execution of three steps as the service records it, started without a name.
struct ThreeSteps {
    seed: u64,
    row: ExecutionRow,
    request_id: String,
}

impl ThreeSteps {
    fn new(seed: u64) -> Self {
        let execution_id = uuid(seed * 10);
        let function = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST";
        let row = ExecutionRow {
            arn: format!("{function}/durable-execution/{execution_id}/{execution_id}"),
            execution_id: execution_id.clone(),
            function_name: "order".to_owned(),
            function_version: "$LATEST".to_owned(),
            execution_name: execution_id,
            input_digest: hex(seed * 10 + 2, 64),
            started_at: Timestamp::from_micros(1_796_034_997_763_226 + i64::try_from(seed).unwrap() * 10_007),
            status: ExecutionStatus::Running,
            ended_at: None,
            expires_at: None,
            is_imported: false,
            wake_up: WakeUp::AtStart,
        };
        Self { seed, row, request_id: uuid(seed * 10 + 3) }
    }

    /// The time at which an append is made.
    fn at(&self, append: u64) -> String {
        format!(
            "17960{:05}.{:06}",
            34_997 + self.seed / 100,
            (763_226 + self.seed * 10_007 + append * 317) % 1_000_000
        )
    }

    fn append(&self, index: u64) -> Append {
        let (first_sequence, events) = match index {
            0 => (1, self.start()),
            1..=3 => (index * 3, self.step(index)),
            _ => (12, self.end()),
        };
        let ended_at = Some(Timestamp::from_micros(self.row.started_at.as_micros() + 1_000_000));
        let end = StatusChange { status: ExecutionStatus::Succeeded, ended_at, expires_at: ended_at };
        Append {
            execution_id: self.row.execution_id.clone(),
            first_sequence,
            events,
            created: (index == 0).then(|| self.row.clone()),
            status: (index == 4).then_some(end),
            ..Append::default()
        }
    }

    fn start(&self) -> Vec<String> {
        let (at, arn, request_id) = (self.at(0), &self.row.arn, &self.request_id);
        let seed = random_text(self.seed * 10 + 4, 43);
        vec![
            format!(
                r#"{{"ExecutionStarted":{{"At":{at},"ExecutionArn":"{arn}","Input":"{{\"amount\":4900}}","DurableConfig":{{}},"ExecutionTimeout":31622400,"Synchronous":true,"Headers":{{}},"Seed":"{seed}="}}}}"#
            ),
            format!(r#"{{"InvocationStarted":{{"At":{at},"Number":1,"RequestId":"{request_id}"}}}}"#),
        ]
    }

    fn step(&self, index: u64) -> Vec<String> {
        let (at, id, step) = (self.at(index), random_text(self.seed * 10 + 4 + index, 22), index - 1);
        vec![
            format!(
                r#"{{"OperationChanged":{{"At":{at},"Id":"{id}","Name":"step-{step}","SubType":"Step","Change":{{"Step":"Started"}}}}}}"#
            ),
            format!(
                r#"{{"OperationChanged":{{"At":{at},"Id":"{id}","Name":"step-{step}","SubType":"Step","Change":{{"Step":{{"Succeeded":{{"Attempt":1,"Result":"{{\"charged\":4900,\"currency\":\"EUR\"}}"}}}}}}}}}}"#
            ),
            format!(r#"{{"Checkpointed":{{"At":{at}}}}}"#),
        ]
    }

    fn end(&self) -> Vec<String> {
        let (started_at, at, request_id) = (self.at(0), self.at(4), &self.request_id);
        vec![
            format!(
                r#"{{"InvocationCompleted":{{"At":{at},"StartedAt":{started_at},"RequestId":"{request_id}","Ending":"Answered"}}}}"#
            ),
            format!(
                r#"{{"ExecutionEnded":{{"At":{at},"Id":"{}","End":{{"Succeeded":{{"Result":"{{\"charged\":4900}}"}}}}}}}}"#,
                self.row.execution_id
            ),
        ]
    }
}

fn hex(seed: u64, length: usize) -> String {
    random_text(seed, length)
        .bytes()
        .map(|byte| char::from_digit(u32::from(byte) % 16, 16).unwrap())
        .collect()
}

fn uuid(seed: u64) -> String {
    let mut text = hex(seed, 36);
    for place in [8, 13, 18, 23] {
        text.replace_range(place..=place, "-");
    }
    text
}

/// Records the executions in an order, and returns the bytes of the file for each.
async fn bytes_each(order: impl Iterator<Item = (u64, u64)>) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for (execution, append) in order {
        store.append(ThreeSteps::new(execution).append(append)).await.unwrap();
    }
    for execution in 0..EXECUTIONS {
        let expected: Vec<String> =
            (0..5).flat_map(|append| ThreeSteps::new(execution).append(append).events).collect();
        assert_eq!(store.events(&ThreeSteps::new(execution).row.execution_id, 0).await.unwrap(), expected);
    }
    drop(store);
    let file = folder.path().join("durable.sqlite3");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    fs::metadata(file).unwrap().len() / EXECUTIONS
}

#[tokio::test]
async fn an_execution_of_three_steps_takes_less_than_1350_bytes() {
    let text: usize =
        (0..5).flat_map(|append| ThreeSteps::new(0).append(append).events).map(|event| event.len()).sum();

    let in_turn =
        bytes_each((0..EXECUTIONS).flat_map(|execution| (0..5).map(move |append| (execution, append))));
    let at_once =
        bytes_each((0..5).flat_map(|append| (0..EXECUTIONS).map(move |execution| (execution, append))));
    let (in_turn, at_once) = (in_turn.await, at_once.await);

    println!("bytes of an execution with {text} bytes of events: {in_turn} in turn, {at_once} at once");
    assert!(in_turn < 1_350 && at_once < 1_350, "{in_turn}, {at_once}");
}
