//! A serdes for all operations of a context.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::batch::BatchResult;
use durable_core::error::BoxError;
use durable_core::operation::{Payload, UNNAMED};
use durable_core::serdes::{
    AnyValue, DeserializeValue, FileSystemSerdes, Json, SerdesContext, SerializeValue,
};
use durable_core::types::{ChainedInvokeDetails, OperationStatus};
use durable_core::{DurableContext, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, error, result};

/// Turns texts around, bound to the operation they belong to; what it writes is no JSON.
#[derive(Clone, Copy)]
struct Reversed;

impl<T: Serialize + Sync> SerializeValue<T> for Reversed {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let json = serde_json::to_string(value)?;
        Ok(format!("{}:{}", context.operation_id(), json.chars().rev().collect::<String>()))
    }
}

impl<T: DeserializeOwned> DeserializeValue<T> for Reversed {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        let (id, reversed) = text.split_once(':').ok_or("it is not reversed")?;
        assert_eq!(id, context.operation_id());
        Ok(serde_json::from_str(&reversed.chars().rev().collect::<String>())?)
    }
}

/// What each operation records, by name.
fn recorded(ledger: &Ledger, name: &str) -> String {
    let mut operation = ledger.operation(name);
    operation.take_step_details().result.or_else(|| operation.take_context_details().result).unwrap()
}

#[tokio::test]
async fn operations_without_a_serdes_of_their_own_use_that_of_their_context() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32, String)> {
        let plain = ctx.step("before", async |_| Ok(12)).await?;
        let ctx = ctx.with_serdes(Reversed);
        let step = ctx.step("step", async |_| Ok(34)).await?;
        let own = ctx.using(Json).step("own", async |_| Ok("text".to_owned())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((plain, step, own))
    };

    assert_eq!(result(ledger.run(&handler).await), r#"[12,34,"text"]"#);

    assert_eq!(recorded(&ledger, "before"), "12");
    assert!(recorded(&ledger, "step").ends_with(":43"));
    assert_eq!(recorded(&ledger, "own"), r#""text""#);
}

#[tokio::test]
async fn contexts_inside_take_the_serdes_over() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let ctx = ctx.with_serdes(Reversed);
        let child = ctx
            .run_in_child_context("child", async |ctx| Ok(ctx.step("in child", async |_| Ok(12)).await?))
            .await?;
        let virtual_child = ctx
            .run_in_child_context("virtual", async |ctx| Ok(ctx.step("in virtual", async |_| Ok(34)).await?))
            .virtual_context()
            .await?;
        let block =
            ctx.with_retry("block", async |ctx, _| Ok(ctx.step("in block", async |_| Ok(56)).await?)).await?;
        let saga = ctx
            .saga("saga", async |_, saga| {
                let step = saga.step("in saga", async |_| Ok(90)).compensate(async |_, _| Ok(()));
                step.await
            })
            .await?;
        let condition = ctx
            .wait_for_condition("condition", 70, async |state, _| {
                Ok(if state < 78 { Continue(state + 4) } else { Break(state) })
            })
            .await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(vec![child, virtual_child, block, saga, condition])
    };

    assert_eq!(result(ledger.run(&handler).await), "[12,34,56,90,78]");

    for (name, reversed) in [
        ("child", "21"),
        ("in child", "21"),
        ("in virtual", "43"),
        ("block", "65"),
        ("in block", "65"),
        ("saga", "09"),
        ("in saga", "09"),
        ("condition", "87"),
    ] {
        let recorded = recorded(&ledger, name);
        assert!(recorded.ends_with(&format!(":{reversed}")), "{name}: {recorded}");
    }
}

#[tokio::test]
async fn items_and_branches_take_the_serdes_over_live_and_on_replay() {
    for is_flat in [false, true] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<(Vec<u32>, Vec<String>)> {
            let ctx = ctx.with_serdes(Reversed);
            let map = ctx.map("map", [12, 34], async |ctx, item: u32, _| {
                ctx.step("in item", async |_| Ok(item)).await
            });
            let map: BatchResult<u32> = if is_flat { map.flat().await? } else { map.await? };
            let parallel = ctx.parallel("parallel").branch("left", async |_| Ok("left".to_owned()));
            let parallel = parallel.branch("right", async |_| Ok("right".to_owned())).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok((map.into_result()?, parallel.into_result()?))
        };

        assert_eq!(result(ledger.run(&handler).await), r#"[[12,34],["left","right"]]"#);

        assert!(recorded(&ledger, "in item").ends_with(":21"));
        assert!(recorded(&ledger, "map").contains(r#":21""#), "{}", recorded(&ledger, "map"));
        assert!(recorded(&ledger, "left").ends_with(r#":"tfel""#));
    }
}

#[tokio::test]
async fn what_other_systems_read_and_write_stays_json() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, u32, u32)> {
        let ctx = ctx.with_serdes(Reversed);
        let created = ctx.create_callback::<u32>("created").await?;
        let called = ctx.invoke::<u32, _>("called", "other", "the payload");
        let waited = ctx.wait_for_callback::<String, _, _>("waited", async |_, _| Ok(()));
        let (waited, created, called) = tokio::join!(waited.into_future(), created, called.into_future());
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((waited?, created?, called?))
    };
    ledger.invoke(&handler).await.unwrap();
    let answer = |callback: &mut durable_core::types::Operation, text: &str| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some(text.to_owned());
    };
    ledger.amend_open_callback(|waited| answer(waited, r#""yes""#));
    ledger.amend("created", |created| answer(created, "12"));
    ledger.amend("called", |called| {
        called.status = OperationStatus::Succeeded;
        called.details = Some(ChainedInvokeDetails::new(Some("34".to_owned()), None).into());
    });
    let waited = ledger.operation("waited").id;

    assert_eq!(result(ledger.run(&handler).await), r#"["yes",12,34]"#);

    let updates = ledger.updates().concat();
    let start = updates.iter().find(|update| update.name.as_deref() == Some("called")).unwrap();
    assert_eq!(start.result.as_deref(), Some(r#""the payload""#));
    assert_eq!(recorded(&ledger, "waited"), format!(r#"{waited}:"sey""#));
}

#[tokio::test]
async fn values_come_through_unchanged_whatever_they_are() {
    #[derive(Serialize, Deserialize)]
    struct Everything {
        large: u128,
        fraction: f64,
        none: Option<u32>,
        unit: (),
        raw: Box<serde_json::value::RawValue>,
    }
    let text = r#"{"large":340282366920938463463374607431768211455,"fraction":0.1,"none":null,"unit":null,"raw":{ }}"#;
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let ctx = ctx.with_serdes(Reversed);
        let step = ctx.step("step", async |_| Ok(serde_json::from_str::<Everything>(text)?)).await?;
        Ok(serde_json::to_string(&step)? == text)
    };

    assert_eq!(result(ledger.run(&handler).await), "true");
}

#[tokio::test]
async fn files_serve_a_whole_context() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let ctx = ctx.with_serdes(FileSystemSerdes::new(folder.path()).on_overflow());
        let large = ctx
            .run_in_child_context("large", async |ctx| {
                ctx.step("larger", async |_| Ok("x".repeat(3_000_000))).await
            })
            .await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(large.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "3000000");

    for name in ["large", "larger"] {
        assert!(recorded(&ledger, name).contains(r#","file":"/"#), "{name}");
    }
}

#[tokio::test]
async fn a_map_can_be_one_file_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(usize, usize)> {
        let items = ctx.map("items", 0..10, async |_, item, _| {
            if item == 3 { Err(durable_core::Error::msg("no")) } else { Ok("x".repeat(100_000)) }
        });
        let files = FileSystemSerdes::new(folder.path());
        let items = items.tolerated_failure_count(1).batch_serdes(files).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((items.values().map(String::len).sum(), items.failure_count()))
    };

    assert_eq!(result(ledger.run(&handler).await), "[900000,1]");

    assert!(recorded(&ledger, "items").contains(r#","file":"/"#));
}

/// A serdes that knows one type only, and nothing of what a context holds.
struct Failing;

impl SerializeValue<AnyValue> for Failing {
    async fn serialize(&self, _: &AnyValue, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Err("no key".into())
    }
}

impl DeserializeValue<AnyValue> for Failing {
    async fn deserialize(&self, _: &str, _: SerdesContext<'_>) -> Result<AnyValue, BoxError> {
        Err("no key".into())
    }
}

#[tokio::test]
async fn a_value_that_the_serdes_of_the_context_cannot_write_fails_its_operation() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.with_serdes(Failing).step("step", async |_| Ok(1)).await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "SerdesError");
    assert!(message.contains("`step`") && message.contains("no key"), "{message}");
}

#[tokio::test]
async fn the_result_of_the_execution_is_recorded_with_a_serdes_if_one_is_set() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.set_result_serdes(Reversed);
        ctx.step("step", async |_| Ok(12)).await
    };

    assert_eq!(result(ledger.run(&handler).await), "execution:21");

    assert_eq!(recorded(&ledger, "step"), "12");
}

/// Whose value it is, and which.
#[derive(Clone, Copy)]
struct Labelled;

fn label(context: SerdesContext<'_>) -> String {
    format!("{} {}", context.payload_kind(), context.operation_name().unwrap_or("-"))
}

impl<T: Serialize + Sync> SerializeValue<T> for Labelled {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(format!("{}: {}", label(context), serde_json::to_string(value)?))
    }
}

impl<T: DeserializeOwned> DeserializeValue<T> for Labelled {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        let json = text.strip_prefix(&format!("{}: ", label(context))).ok_or("it has another label")?;
        Ok(serde_json::from_str(json)?)
    }
}

#[tokio::test]
async fn a_serdes_knows_the_name_of_the_operation_and_which_payload_it_is_live_and_on_replay() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.set_result_serdes(Labelled);
        let ctx = ctx.with_serdes(Labelled);
        let step = ctx.step("step", async |_| Ok(1)).await?;
        let unnamed = ctx.step(UNNAMED, async |_| Ok(1)).await?;
        let count = ctx.wait_for_condition("count", 0, async |count, _| {
            Ok(if count < 1 { Continue(count + 1) } else { Break(count) })
        });
        let items =
            ctx.map("items", [1, 2], async |_, item, _| Ok(item)).item_names(|_, index| format!("i{index}"));
        let flat =
            ctx.map("flat", [1, 2], async |_, item, _| Ok(item)).item_names(|_, index| format!("f{index}"));
        let (items, flat) = (items.await?, flat.flat().await?);
        let sum: u32 = items.values().chain(flat.values()).sum();
        let total = step + unnamed + count.await? + sum;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(total)
    };

    assert_eq!(result(ledger.run(&handler).await), "OUTPUT -: 9");

    assert_eq!(recorded(&ledger, "step"), "RESULT step: 1");
    assert_eq!(recorded(&ledger, "count"), "RESULT count: 1");
    assert!(recorded(&ledger, "items").contains("RESULT i1: 2"));
    assert!(recorded(&ledger, "flat").contains("RESULT f1: 2"));
}

#[tokio::test]
async fn the_payload_of_a_call_is_told_to_its_serdes_as_such() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.invoke("call", "other", Payload::with_serdes(7, Labelled)).await
    };

    ledger.invoke(&handler).await.unwrap();

    let updates = ledger.updates().concat();
    assert_eq!(updates[0].result.as_deref(), Some("INVOKE_PAYLOAD call: 7"));
}
