//! What a serdes is told, and what it may take its time for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::serdes::{DeserializeValue, SerdesContext, SerdesUnavailable, SerializeValue, TextOrigin};
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};

use crate::ledger::{ARN, Ledger, error, result};

/// Binds a text to where it belongs, as encryption with additional data does.
#[derive(Clone, Copy)]
struct Bound;

impl SerializeValue<String> for Bound {
    async fn serialize(&self, value: &String, context: SerdesContext<'_>) -> Result<String, BoxError> {
        assert_eq!(context.execution_arn(), ARN);
        Ok(format!("{}={value}", context.operation_id()))
    }
}

impl DeserializeValue<String> for Bound {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<String, BoxError> {
        if context.origin() == TextOrigin::External {
            return Ok(format!("said {text}"));
        }
        let (id, value) = text.split_once('=').ok_or("it is bound to nothing")?;
        if id != context.operation_id() {
            return Err(format!("it belongs to {id}, not to {}", context.operation_id()).into());
        }
        Ok(value.to_owned())
    }
}

/// Takes its time to read.
struct Slow;

impl SerializeValue<u32> for Slow {
    async fn serialize(&self, value: &u32, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.to_string())
    }
}

impl DeserializeValue<u32> for Slow {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u32, BoxError> {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(text.parse()?)
    }
}

#[tokio::test]
async fn the_result_of_an_item_belongs_to_the_item_also_inside_the_record_of_its_batch() {
    for is_flat in [false, true] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
            let items = ctx.using(Bound).map("items", ["a", "b"], async |_, item, _| Ok(item.to_owned()));
            let items = if is_flat { items.flat() } else { items };
            let items = items.await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            items.into_result()
        };

        assert_eq!(result(ledger.run(&handler).await), r#"["a","b"]"#);
    }
}

#[tokio::test]
async fn a_serdes_is_told_what_another_system_wrote() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let answer = ctx.using(Bound).wait_for_callback("approval", async |_, _| Ok(())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(answer)
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend_type("CALLBACK", |callback| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some("yes".to_owned());
    });

    assert_eq!(result(ledger.run(&handler).await), r#""said yes""#);

    let mut approval = ledger.operation("approval");
    let recorded = approval.take_context_details().result.unwrap();
    assert_eq!(recorded, format!("{}=said yes", approval.id));
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_not_suspended_while_a_serdes_reads() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let approval = ctx.create_callback::<u32>("approval").await?;
        let chain = async {
            let first = ctx.using(Slow).step("first", async |_| Ok(1)).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            let second = ctx.step("second", async |_| Ok(first + 1)).await?;
            durable_core::Ok(second)
        };
        let (approved, chained) = tokio::join!(approval, chain);
        Ok(approved? + chained?)
    };

    ledger.invoke(&handler).await.unwrap();
    let answer = ledger.invoke(&handler).await.unwrap();

    assert_eq!(answer, InvocationOutput::Pending);
    assert_eq!(ledger.operation("second").status, OperationStatus::Succeeded);
}

/// Promises JSON and writes something else.
struct Promising;

impl SerializeValue<u32> for Promising {
    async fn serialize(&self, value: &u32, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(format!("number {value}"))
    }
}

impl DeserializeValue<u32> for Promising {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u32, BoxError> {
        Ok(text.trim_start_matches("number ").parse()?)
    }

    fn is_json(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_map_whose_serdes_does_not_write_the_json_that_it_promises_fails_and_loses_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        Ok(ctx.using(Promising).map("items", [1, 2], async |_, item, _| Ok(item)).await?.len())
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "SerdesError");
    assert!(message.contains("`items`"), "{message}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_ends_the_execution_before_anything_new_begins() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let number = ctx.step("number", async |_| Ok(1)).await.unwrap_or_default();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        ctx.step("later", async |_| Ok(number)).await
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("number", |number| {
        number.step_details_mut().unwrap().result = Some(r#""one""#.to_owned());
    });

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "SerdesError");
    assert!(message.contains("`number`") && message.contains("cannot be read as u32"), "{message}");
    assert_eq!(ledger.calls().concat().iter().filter(|call| call.contains("later")).count(), 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_of_the_callback() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let answer = ctx.create_callback::<u32>("ask").await?.await;
        Ok(answer.unwrap_or(7))
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("ask", |callback| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some(r#""seven""#.to_owned());
    });

    assert_eq!(result(ledger.run(&handler).await), "7");
}

/// Cannot reach its keys, so many times.
struct Keyless<'a>(&'a AtomicUsize);

impl Keyless<'_> {
    fn key(&self) -> Result<(), BoxError> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map_or(Ok(()), |_| Err(SerdesUnavailable::new("no connection").into()))
    }
}

impl SerializeValue<u32> for Keyless<'_> {
    async fn serialize(&self, value: &u32, _: SerdesContext<'_>) -> Result<String, BoxError> {
        self.key()?;
        Ok(value.to_string())
    }
}

impl DeserializeValue<u32> for Keyless<'_> {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u32, BoxError> {
        tokio::task::yield_now().await;
        self.key()?;
        Ok(text.parse()?)
    }
}

#[tokio::test]
async fn a_serdes_that_is_unavailable_ends_the_invocation_and_not_the_execution() {
    let failures = AtomicUsize::new(1);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let number = ctx.using(Keyless(&failures)).step("number", async |_| Ok(7)).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(number)
    };

    let written = ledger.invoke(&handler).await.unwrap_err();
    let recorded = ledger.calls().concat();
    ledger.invoke(&handler).await.unwrap();
    failures.store(1, Ordering::SeqCst);
    let read = ledger.invoke(&handler).await.unwrap_err();

    for error in [written, read] {
        let cause = std::error::Error::source(&error).unwrap();
        assert!(cause.is::<SerdesUnavailable>(), "{cause}");
        assert_eq!(cause.source().unwrap().to_string(), "no connection");
    }
    assert!(!recorded.contains(&"SUCCEED number".to_owned()), "{recorded:?}");
    assert_eq!(result(ledger.run(&handler).await), "7");
}

#[tokio::test]
async fn the_contexts_inside_an_operation_do_not_use_its_serdes() {
    let failures = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let body = async |ctx: DurableContext| ctx.step("inside", async |_| Ok("text".to_owned())).await;
        let outer = ctx
            .using(Keyless(&failures))
            .run_in_child_context("outer", async |ctx| Ok(u32::try_from(body(ctx).await?.len())?));
        outer.await
    };

    assert_eq!(result(ledger.run(&handler).await), "4");

    let inside = ledger.operation("inside").take_step_details();
    assert_eq!(inside.result.as_deref(), Some("\"text\""));
}
