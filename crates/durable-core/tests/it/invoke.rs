//! Calls of other functions.

use std::borrow::Borrow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::operation::{Operation as _, Payload};
use durable_core::serdes::{DeserializeValue, Json, SerdesContext, SerializeValue};
use durable_core::types::{ChainedInvokeDetails, ErrorObject, InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Function, Result};
use serde::{Serialize, Serializer};

use crate::ledger::{Ledger, error, result};

const HOUR: Duration = Duration::from_hours(1);

async fn total(cents: u64, ctx: DurableContext) -> Result<u64> {
    let tax: u64 = ctx.invoke("tax", "tax-calculator:live", &cents).tenant_id("t-1").await?;
    Ok(cents + tax)
}

#[tokio::test]
async fn the_result_of_a_called_function_comes_back_typed() {
    let ledger = Ledger::new(&100);

    assert_eq!(ledger.invoke(&total).await.unwrap(), InvocationOutput::Pending);
    ledger.amend("tax", |tax| {
        tax.status = OperationStatus::Succeeded;
        tax.details = Some(ChainedInvokeDetails::new(Some("19".into()), None).into());
    });

    assert_eq!(result(ledger.run(&total).await), "119");
    let start = &ledger.updates()[0][0];
    let options = start.chained_invoke_options.as_ref().unwrap();
    assert_eq!(
        (options.function_name.as_str(), options.tenant_id.as_deref()),
        ("tax-calculator:live", Some("t-1"))
    );
    assert_eq!(start.result.as_deref(), Some("100"));
}

const TAX: Function<u64, u64> = Function::new("tax-calculator:live");
const GREET: Function<String, String> = Function::new("greet:live");
const SUM: Function<Vec<u64>, u64> = Function::new("sum:live");

#[tokio::test]
async fn a_descriptor_says_what_the_payload_is_and_what_comes_back() {
    async fn handler(_: (), ctx: DurableContext) -> Result<()> {
        static CENTS: u64 = 100;
        let by_name = Function::<u64, u64>::named(String::from("tax:7"));
        let taxes = [
            ctx.invoke("by value", TAX, CENTS).spawn(),
            ctx.invoke("by reference", &TAX, &CENTS).spawn(),
            ctx.invoke("a literal", &by_name, &100).spawn(),
            ctx.invoke("written by a serdes", TAX, Payload::with_serdes(100, Json)).spawn(),
            ctx.invoke("of a slice", SUM, &[1, 2][..]).spawn(),
        ];
        let greeting = ctx.invoke("of a text", GREET, "Ada").spawn();
        let mut total = 0;
        for tax in taxes {
            total += tax.await?;
        }
        let text = greeting.await?;
        ctx.step("note", async |_| Ok(format!("{total} {}", text.len()))).await?;
        Ok(())
    }
    let ledger = Ledger::new(&());

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);

    let updates = ledger.updates().concat();
    let name = |name: &str| {
        let update = updates.iter().find(|update| update.name.as_deref() == Some(name)).unwrap();
        let function = update.chained_invoke_options.as_ref().unwrap().function_name.clone();
        (function, update.result.clone().unwrap())
    };
    let call = |function: &str, payload: &str| (function.to_owned(), payload.to_owned());
    assert_eq!(name("by value"), call("tax-calculator:live", "100"));
    assert_eq!(name("by reference"), call("tax-calculator:live", "100"));
    assert_eq!(name("a literal"), call("tax:7", "100"));
    assert_eq!(name("written by a serdes"), call("tax-calculator:live", "100"));
    assert_eq!(name("of a slice"), call("sum:live", "[1,2]"));
    assert_eq!(name("of a text"), call("greet:live", "\"Ada\""));
}

#[test]
fn a_descriptor_prints_its_name() {
    assert_eq!(format!("{:?}", TAX.clone()), r#"Function("tax-calculator:live")"#);
    assert_eq!(Function::<u64, u64>::named("tax").name(), "tax");
}

#[tokio::test]
async fn a_called_function_that_times_out_or_is_stopped_says_so() {
    for (status, is_timeout, is_stopped) in
        [(OperationStatus::TimedOut, true, false), (OperationStatus::Stopped, false, true)]
    {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
            let error = ctx.invoke::<(), _>("tax", "tax", &()).await.unwrap_err();
            assert_eq!((error.is_timeout(), error.is_stopped()), (is_timeout, is_stopped));
            Ok(error.message() == "why")
        };
        ledger.invoke(&handler).await.unwrap();
        ledger.amend("tax", |tax| {
            tax.status = status;
            let error = Some(ErrorObject::new("E", "why"));
            tax.details = Some(ChainedInvokeDetails::new(None, error).into());
        });

        assert_eq!(result(ledger.run(&handler).await), "true");
    }
}

#[tokio::test]
async fn a_function_name_that_cannot_be_one_is_an_error_and_records_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.invoke("tax", "no such function!", &()).await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "InvalidArgumentError");
    assert!(message.contains("`tax`") && message.contains("FunctionName"), "{message}");
    assert!(ledger.calls().is_empty());
}

/// What a legacy function reads; it cannot be JSON.
struct Order(u32);

/// Writes orders as the legacy function reads them, and takes so long.
struct Legacy(Duration);

impl<O: Borrow<Order> + Sync> SerializeValue<O> for Legacy {
    async fn serialize(&self, order: &O, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let Order(order) = order.borrow();
        if *order == 0 {
            return Err("there is no order 0".into());
        }
        if self.0 > Duration::ZERO {
            tokio::time::sleep(self.0).await;
        }
        Ok(format!("{}/{}", context.operation_id(), order))
    }
}

#[tokio::test(start_paused = true)]
async fn a_payload_is_written_by_its_serdes_however_long_that_takes() {
    for takes in [Duration::ZERO, Duration::from_secs(60)] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<()> {
            let print =
                ctx.invoke::<(), _>("print", "printer", Payload::with_serdes(&Order(7), Legacy(takes)));
            let (waited, printed) = tokio::join!(ctx.wait("long", HOUR).into_future(), print.into_future());
            waited?;
            printed
        };

        assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);

        let updates = ledger.updates().concat();
        let print = updates.iter().find(|update| update.name.as_deref() == Some("print")).unwrap();
        assert_eq!(print.result, Some(format!("{}/7", print.operation_id)));
    }
}

#[tokio::test]
async fn a_payload_that_is_given_away_is_written_by_its_serdes() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.invoke("print", "printer", Payload::with_serdes(Order(7), Legacy(Duration::ZERO))).await
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);

    let updates = ledger.updates().concat();
    assert_eq!(updates[0].result, Some(format!("{}/7", updates[0].operation_id)));
}

/// Reads what the legacy function answers, which it cannot write.
struct Printed;

impl DeserializeValue<Order> for Printed {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<Order, BoxError> {
        Ok(Order(text.trim_start_matches("printed ").parse()?))
    }
}

#[tokio::test]
async fn a_result_or_an_answer_is_read_by_a_serdes_that_cannot_write_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32)> {
        let answer = ctx.using(Printed).create_callback("ask").await?;
        let Order(printed) = ctx.using(Printed).invoke("print", "printer", 7).await?;
        let Order(answered) = answer.await?;
        Ok((printed, answered))
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("print", |call| {
        call.status = OperationStatus::Succeeded;
        let details = ChainedInvokeDetails::new(Some("printed 7".to_owned()), None);
        call.details = Some(details.into());
    });
    ledger.amend("ask", |callback| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some("printed 8".to_owned());
    });

    assert_eq!(result(ledger.run(&handler).await), "[7,8]");
}

#[tokio::test]
async fn a_call_begins_when_its_future_is_made() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let unawaited = ctx.invoke::<(), _>("call", "other", &()).into_future();
        let worked = ctx.step("work", async |_| Ok(7)).await?;
        drop(unawaited);
        Ok(worked)
    };

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "7");
    assert_eq!(ledger.calls().concat()[0], "START call");
}

#[tokio::test]
async fn a_payload_is_not_written_again_once_the_call_is_recorded() {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    struct Counted;
    impl Serialize for Counted {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            WRITTEN.fetch_add(1, Ordering::SeqCst);
            serializer.serialize_unit()
        }
    }
    let ledger = Ledger::new(&());
    let handler =
        async |_: (), ctx: DurableContext| -> Result<()> { ctx.invoke("call", "other", &Counted).await };

    for _ in 0..3 {
        assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    }

    assert_eq!(WRITTEN.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_payload_that_cannot_be_sent_is_an_error_that_records_nothing_and_replays() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let unwritten =
            ctx.invoke::<(), _>("none", "printer", Payload::with_serdes(&Order(0), Legacy(HOUR))).await;
        let too_large = ctx.invoke::<(), _>("large", "other", &"x".repeat(1_048_576)).await;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok([unwritten, too_large].map(|failed| failed.unwrap_err().to_string()).into())
    };

    let errors: Vec<String> = serde_json::from_str(&result(ledger.run(&handler).await)).unwrap();

    assert!(errors[0].contains("`none`") && errors[0].contains("there is no order 0"), "{errors:?}");
    assert!(errors[1].contains("`large`") && errors[1].contains("1048578 bytes"), "{errors:?}");
    assert_eq!(ledger.calls(), [["START pause"]]);
}
