//! Tests of the output of `durable show`.

use serde_json::{Value, json};

use super::*;

const ARN: &str =
    "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/order-7/0b1c";
const PLAIN: Style = Style { coloured: false, width: 80 };

/// Returns a JSON timestamp this many milliseconds after the start.
fn timestamp(at: i64) -> Value {
    json!(Timestamp::from_millis(1_767_323_045_000 + at))
}

/// Builds a history event by event, with times in milliseconds after the start.
#[derive(Default)]
struct History(Vec<Value>);

impl History {
    fn event(mut self, at: i64, kind: &str, name: &str, parent: Option<&str>, more: Value) -> Self {
        let mut event = json!({
            "EventId": self.0.len() + 1,
            "EventType": kind,
            "EventTimestamp": timestamp(at),
            "Id": name,
            "Name": name,
            "ParentId": parent,
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.0.push(event);
        self
    }

    fn step(self, start: i64, end: i64, name: &str, parent: Option<&str>) -> Self {
        let details =
            json!({ "StepSucceededDetails": { "Result": {}, "RetryDetails": { "CurrentAttempt": 1 } } });
        self.event(start, "StepStarted", name, parent, json!({ "StepStartedDetails": {} })).event(
            end,
            "StepSucceeded",
            name,
            parent,
            details,
        )
    }

    fn failed_attempt(self, start: i64, end: i64, name: &str, attempt: u32, delay: Option<u32>) -> Self {
        let retry = json!({ "CurrentAttempt": attempt, "NextAttemptDelaySeconds": delay });
        let error =
            json!({ "Payload": { "ErrorType": "PaymentError", "ErrorMessage": "declined\nby the bank" } });
        let details = json!({ "StepFailedDetails": { "Error": error, "RetryDetails": retry } });
        self.event(start, "StepStarted", name, None, json!({ "StepStartedDetails": {} })).event(
            end,
            "StepFailed",
            name,
            None,
            details,
        )
    }

    fn wait(self, start: i64, name: &str, seconds: i64, end: Option<i64>) -> Self {
        let scheduled = timestamp(start + seconds * 1_000);
        let details = json!({ "Duration": seconds, "ScheduledEndTimestamp": scheduled });
        let begun = self.event(start, "WaitStarted", name, None, json!({ "WaitStartedDetails": details }));
        match end {
            Some(end) => {
                let details = json!({ "WaitSucceededDetails": { "Duration": seconds } });
                begun.event(end, "WaitSucceeded", name, None, details)
            }
            None => begun,
        }
    }

    fn invocation(self, start: i64, end: i64) -> Self {
        let details = json!({
            "StartTimestamp": timestamp(start), "EndTimestamp": timestamp(end), "RequestId": "r-1",
        });
        self.event(end, "InvocationCompleted", "", None, json!({ "InvocationCompletedDetails": details }))
    }

    fn begin(self) -> Self {
        let details = json!({ "ExecutionStartedDetails": { "ExecutionTimeout": 60, "Input": {} } });
        self.event(0, "ExecutionStarted", "", None, details)
    }

    fn succeed(self, at: i64) -> Self {
        let details = json!({ "ExecutionSucceededDetails": { "Result": {} } });
        self.event(at, "ExecutionSucceeded", "", None, details)
    }

    fn show(self, status: &str, end: Option<i64>, all: bool, style: Style) -> String {
        let execution = json!({
            "DurableExecutionArn": ARN,
            "DurableExecutionName": "order-7",
            "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST",
            "InputPayload": "{\n  \"id\": 7\n}",
            "Result": end.map(|_| "{\"shipped\":true}"),
            "StartTimestamp": timestamp(0),
            "EndTimestamp": end.map(timestamp),
            "Status": status,
        });
        let events = remote::events(&self.0).unwrap();
        assert!(
            events
                .iter()
                .all(|event| !matches!(event.details, durable_types::history::EventDetails::Unknown(_)))
        );
        let now = Timestamp::from_millis(1_767_323_045_000 + 20_000);
        describe(&remote::execution(&execution).unwrap(), &events, all, style, now)
    }
}

#[test]
fn an_execution_is_a_timeline_of_80_columns() {
    let context = json!({ "SubType": "Map", "ContextStartedDetails": {} });
    let item = json!({ "SubType": "MapIteration", "ContextStartedDetails": {} });
    let done = json!({ "ContextSucceededDetails": { "Result": {} } });
    let text = History::default()
        .begin()
        .step(100, 400, "reserve", None)
        .failed_attempt(400, 900, "charge the card of the customer in full", 1, Some(2))
        .invocation(0, 950)
        .failed_attempt(2_900, 3_000, "charge the card of the customer in full", 2, None)
        .wait(3_000, "settle", 10, Some(13_000))
        .invocation(2_900, 3_100)
        .event(13_100, "ContextStarted", "ship", None, context)
        .event(13_100, "ContextStarted", "parcel-0", Some("ship"), item.clone())
        .step(13_100, 14_500, "label", Some("parcel-0"))
        .event(14_500, "ContextSucceeded", "parcel-0", Some("ship"), done.clone())
        .event(15_500, "ContextSucceeded", "ship", None, done)
        .invocation(13_050, 15_600)
        .succeed(15_600)
        .show("SUCCEEDED", Some(15_600), false, PLAIN);

    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_pending_callback_shows_its_id() {
    let callback = json!({ "CallbackStartedDetails": { "CallbackId": "Y2FsbGJhY2s=", "Timeout": 60 } });
    let text = History::default()
        .begin()
        .wait(1_000, "settle", 60, None)
        .event(2_000, "CallbackStarted", "approve", None, callback)
        .invocation(0, 2_000)
        .show("RUNNING", None, false, PLAIN);

    insta::assert_snapshot!(text);
}

#[test]
fn many_operations_are_shown_only_on_request() {
    let history = || {
        (0..100).fold(History::default().begin(), |history, index| {
            history.step(index * 10, index * 10 + 10, &format!("step-{index}"), None)
        })
    };

    let short = history().show("RUNNING", None, false, PLAIN);
    let all = history().show("RUNNING", None, true, PLAIN);

    assert!(short.contains("  and 80 more; --all shows them"), "{short}");
    assert_eq!(all.matches("✓ step").count(), 100);
}

#[test]
fn colors_can_be_disabled() {
    let history = || History::default().begin().step(0, 10_000, "reserve", None);

    let plain = history().show("RUNNING", None, false, PLAIN);
    let coloured = history().show("RUNNING", None, false, Style { coloured: true, width: 80 });

    assert!(!plain.contains('\x1b'));
    assert!(coloured.contains("\x1b[32m✓\x1b[0m step reserve"), "{coloured}");
}

#[test]
fn operations_are_called_what_they_are_in_the_code() {
    let started = |sub_type: &str| json!({ "SubType": sub_type, "ContextStartedDetails": {} });
    let succeeded =
        |sub_type: &str| json!({ "SubType": sub_type, "ContextSucceededDetails": { "Result": {} } });
    let failed = |sub_type: &str| {
        let error = json!({ "Payload": { "ErrorType": "SoldOut", "ErrorMessage": "no seats" } });
        json!({ "SubType": sub_type, "ContextFailedDetails": { "Error": error } })
    };
    let decided = json!({ "SubType": "Race", "StepSucceededDetails": { "Result": { "Payload": "1" } } });
    let other = "arn:aws:lambda:us-east-1:000000000000:function:stock:1/durable-execution/stock-9/0b1d";
    let invoked =
        json!({ "ChainedInvokeStartedDetails": { "FunctionName": "stock:1", "DurableExecutionArn": other } });
    let callback = json!({ "CallbackStartedDetails": { "CallbackId": "Y2FsbGJhY2s=", "Timeout": 60 } });
    let text = History::default()
        .begin()
        .event(0, "ContextStarted", "trip", None, started("Saga"))
        .step(0, 300, "hotel", Some("trip"))
        .step(400, 700, "undo-hotel", Some("trip"))
        .event(700, "ContextFailed", "trip", None, failed("Saga"))
        .event(700, "StepStarted", "fastest", None, json!({ "SubType": "Race", "StepStartedDetails": {} }))
        .event(700, "StepSucceeded", "fastest", None, decided)
        .event(
            700,
            "StepStarted",
            "late",
            None,
            json!({ "SubType": "ResultOrder", "StepStartedDetails": {} }),
        )
        .event(800, "ContextStarted", "ship", None, started("Map"))
        .event(800, "ContextStarted", "map-item-0", Some("ship"), started("MapIteration"))
        .event(900, "ContextSucceeded", "map-item-0", Some("ship"), succeeded("MapIteration"))
        .event(800, "ContextStarted", "map-item-1", Some("ship"), started("MapIteration"))
        .event(900, "ChainedInvokeStarted", "stock", Some("map-item-1"), invoked)
        .event(900, "ContextStarted", "approval", None, started("WaitForCallback"))
        .event(950, "CallbackStarted", "answer", Some("approval"), callback)
        .step(950, 990, "submit", Some("approval"))
        .failed_attempt(1_000, 1_100, "charge", 1, Some(30))
        .invocation(0, 1_100)
        .show("RUNNING", None, false, PLAIN);

    insta::assert_snapshot!(text);
}

#[test]
fn a_deeply_nested_history_is_shown() {
    let context = || json!({ "ContextStartedDetails": {} });
    let history = (0..5_000).fold(History::default().begin(), |history, index| {
        let parent = format!("context-{}", index - 1);
        let parent = (index > 0).then_some(parent.as_str());
        history.event(0, "ContextStarted", &format!("context-{index}"), parent, context())
    });

    let text = history.show("RUNNING", None, false, PLAIN);

    assert_eq!(text.lines().filter(|line| line.trim_start().starts_with("▸ context")).count(), 5_000);
}
