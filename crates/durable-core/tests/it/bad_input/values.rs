//! Values that a serdes cannot write or read.

use std::cell::Cell;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::batch::BatchResult;
use durable_core::error::BoxError;
use durable_core::operation::UNNAMED;
use durable_core::serdes::{AnyValue, DeserializeValue, SerdesContext, SerializeValue};
use durable_core::types::{CallbackDetails, ChainedInvokeDetails, InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};

use super::told;
use crate::ledger::{Ledger, result};

/// A serdes that does not do what it should.
#[derive(Clone)]
struct Faulty(String);

impl Faulty {
    fn write(&self) -> Result<String, BoxError> {
        match self.0.as_str() {
            "writing fails" => Err("out of ink".into()),
            "writing panics" => panic!("out of ink"),
            _ => Ok("7".to_owned()),
        }
    }

    fn read<T>(&self) -> Result<T, BoxError> {
        match self.0.as_str() {
            "reading panics" => panic!("out of ink"),
            _ => Err("out of ink".into()),
        }
    }
}

macro_rules! faulty {
    ($($value:ty),*) => {$(
        impl SerializeValue<$value> for Faulty {
            async fn serialize(&self, _: &$value, _: SerdesContext<'_>) -> Result<String, BoxError> {
                self.write()
            }
        }

        impl DeserializeValue<$value> for Faulty {
            // Not an async function, so that it fails when it is called and not when it is polled.
            fn deserialize(
                &self,
                _: &str,
                _: SerdesContext<'_>,
            ) -> impl Future<Output = Result<$value, BoxError>> + Send {
                std::future::ready(self.read())
            }
        }
    )*};
}

faulty!(u32, BatchResult<u32>, AnyValue);

const FAULTS: [&str; 4] = ["writing fails", "writing panics", "reading fails", "reading panics"];

/// Operations whose result is written, and how their errors call them.
const WRITTEN: [(&str, &str); 10] = [
    ("step", "step `it`"),
    ("child", "child context `it`"),
    ("virtual", "child context `it`"),
    ("retry", "retry block `it`"),
    ("condition", "condition `it`"),
    ("state", "condition `it`"),
    ("item", "child context"),
    ("flat item", "child context"),
    ("branch", "child context `branch`"),
    ("map", "map `it`"),
];

thread_local! {
    // Each test has a thread of its own, and runs its handlers there.
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

fn run() -> Result<u32> {
    RUNS.set(RUNS.get() + 1);
    Ok(7)
}

async fn fail((kind, fault): &(String, String), ctx: &DurableContext) -> (String, String) {
    let faulty = Faulty(fault.clone());
    let using = ctx.using(&faulty);
    let child = || using.run_in_child_context("it", async |_| run());
    let map = || using.map("it", [1], async |_, _, _| run());
    match kind.as_str() {
        "step" => told!(using.step("it", async |_| run())),
        "child" => told!(child()),
        "virtual" => told!(child().virtual_context()),
        "retry" => told!(using.with_retry("it", async |_, _| run())),
        "condition" => {
            let check = async |_: u32, _| Ok(Break(run()?));
            told!(using.wait_for_condition("it", 0, check))
        }
        "state" => {
            let check = async |_: u32, _| Ok::<_, durable_core::Error>(Continue::<u32, u32>(run()?));
            told!(using.wait_for_condition("it", 0, check))
        }
        "item" => told!(async { map().await.unwrap().into_result() }),
        "flat item" => told!(async { map().flat().await.unwrap().into_result() }),
        "branch" => {
            let branches = using.parallel("it").branch("branch", async |_| run());
            told!(async { branches.await.unwrap().into_result() })
        }
        "map" => told!(ctx.map("it", [1], async |_, _, _| run()).batch_serdes(&faulty)),
        "callback" => told!(async { using.create_callback::<u32>("it").await.unwrap().await }),
        "submitter" => {
            told!(using.wait_for_callback::<u32, _, _>("it", async |_, _| run().map(drop)))
        }
        "call" => told!(using.invoke::<u32, _>("it", "tax", &())),
        other => panic!("{other}"),
    }
}

/// What an operation failed with, live and on replay.
async fn failing(case: (String, String), ctx: DurableContext) -> Result<(String, String)> {
    let told = fail(&case, &ctx).await;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    let live = ctx.step("live", async |_| Ok(told.clone())).await?;
    assert_eq!(told, live, "{case:?}");
    Ok(told)
}

fn assert_told(told: &str, called: &str, case: &(&str, &str)) {
    let (error_type, text): (String, String) = serde_json::from_str(told).unwrap();
    assert_eq!(error_type, "SerdesError", "{case:?}: {text}");
    assert!(text.starts_with(&format!("{called} failed: ")), "{case:?}: {text}");
    assert!(text.contains("out of ink"), "{case:?}: {text}");
}

#[tokio::test]
async fn a_value_that_cannot_be_written_or_read_is_the_error_of_the_operation_and_is_not_made_again() {
    for (kind, called) in WRITTEN {
        for fault in FAULTS {
            RUNS.set(0);
            let ledger = Ledger::new(&(kind, fault));

            let told = result(ledger.run(&failing).await);

            assert_told(&told, called, &(kind, fault));
            // The first state is written before anything runs; a context without a record runs again on replay.
            let times = match kind {
                "condition" | "state" => 0,
                "virtual" => 2,
                _ => 1,
            };
            assert_eq!(RUNS.get(), times, "{kind} {fault}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_others_that_cannot_be_read_is_the_error_of_the_operation() {
    for (kind, called) in
        [("callback", "callback `it`"), ("submitter", "callback `it`"), ("call", "invoke `it`")]
    {
        for fault in ["reading fails", "reading panics"] {
            RUNS.set(0);
            let ledger = Ledger::new(&(kind, fault));
            assert_eq!(ledger.invoke(&failing).await.unwrap(), InvocationOutput::Pending);
            let answered_type = if kind == "call" { "CHAINED_INVOKE" } else { "CALLBACK" };
            ledger.amend_type(answered_type, |answered| {
                answered.status = OperationStatus::Succeeded;
                let result = Some("7".to_owned());
                match kind {
                    "call" => {
                        let details = ChainedInvokeDetails::new(result, None);
                        answered.details = Some(details.into());
                    }
                    _ => {
                        let mut details = CallbackDetails::new(result, None);
                        details.callback_id = Some("callback".to_owned());
                        answered.details = Some(details.into());
                    }
                }
            });

            let told = result(ledger.run(&failing).await);

            assert_told(&told, called, &(kind, fault));
            assert_eq!(RUNS.get(), u32::from(kind == "submitter"), "{kind} {fault}");
        }
    }
}

#[tokio::test]
async fn a_handler_whose_result_is_no_json_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), _: DurableContext| -> Result<std::collections::BTreeMap<Vec<u8>, u32>> {
        Ok([(vec![1], 2)].into())
    };

    let (error_type, text) = crate::ledger::error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "SerdesError");
    assert!(text.contains("key must be a string"), "{text}");
}

#[tokio::test]
async fn a_handler_whose_result_cannot_be_read_back_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), _: DurableContext| -> Result<f64> { Ok(f64::NAN) };

    let (error_type, text) = crate::ledger::error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "SerdesError");
    assert!(text.contains("the result cannot be read back as f64: invalid type: null"), "{text}");
}

#[tokio::test]
async fn a_result_that_the_serdes_of_the_result_cannot_write_or_read_fails_the_execution() {
    for fault in FAULTS {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
            ctx.set_result_serdes(Faulty(fault.to_owned()));
            Ok(7)
        };

        let (error_type, text) = crate::ledger::error(ledger.invoke(&handler).await.unwrap());

        assert_eq!(error_type, "SerdesError", "{fault}");
        assert!(text.contains("out of ink"), "{fault}: {text}");
    }
}

#[tokio::test]
async fn a_payload_that_is_no_json_is_not_sent() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let payload = std::collections::BTreeMap::from([(vec![1], 2)]);
        let map = ctx.map(UNNAMED, [1], async |_, _, _| Ok(())).await?;
        assert_eq!(map.len(), 1);
        Ok(told!(ctx.invoke::<u32, _>("it", "tax", &payload)))
    };

    let told = result(ledger.invoke(&handler).await.unwrap());

    assert!(told.contains("InvalidArgumentError") && told.contains("key must be a string"), "{told}");
    assert!(!ledger.calls().concat().contains(&"START it".to_owned()));
}
