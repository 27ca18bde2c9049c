//! What bodies may borrow, and what they may not do.

use std::time::Duration;

use durable_core::driver::Invocation;
use durable_core::operation::Operation;
use durable_core::{DurableContext, Result};
use serde::Deserialize;

use crate::ledger::{Ledger, error, lambda_context, result};

#[derive(Deserialize)]
struct Order {
    items: Vec<String>,
}

async fn label(item: &str, number: usize) -> std::io::Result<String> {
    Ok(format!("{number}:{item}"))
}

/// Every body borrows from the handler: no clone, no move, no box, no annotation.
async fn ship(order: Order, ctx: DurableContext) -> Result<Vec<String>> {
    let first =
        ctx.step("first", async |step| Ok(label(&order.items[0], step.attempt() as usize).await?)).await?;
    let rest = ctx
        .run_in_child_context("rest", async |ctx| {
            let mut labels = Vec::new();
            for (index, item) in order.items.iter().enumerate().skip(1) {
                labels.push(ctx.step("label", async |_| Ok(label(item, index).await?)).await?);
            }
            labels.push(first.clone());
            Ok(labels)
        })
        .await?;
    Ok(rest)
}

#[tokio::test]
async fn bodies_borrow_from_the_handler_and_its_future_can_be_spawned() {
    let handled = tokio::spawn(async {
        let ledger = Ledger::new(&serde_json::json!({ "items": ["a", "b", "c"] }));
        ledger.run(&ship).await
    });

    assert_eq!(result(handled.await.unwrap()), r#"["1:b","2:c","1:a"]"#);
}

#[tokio::test]
async fn an_operation_inside_the_body_of_a_step_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let outer = ctx.step("outer", async |_| Ok(ctx.step("inner", async |_| Ok(1)).await?));
        Ok(outer.await.unwrap_or(0))
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "ContextMisuseError");
    assert!(message.contains("`inner`") && message.contains("`outer`"), "{message}");
}

#[tokio::test]
async fn a_handler_that_panics_fails_the_execution() {
    let ledger = Ledger::new(&7);
    let handler = async |number: u32, ctx: DurableContext| -> Result<u32> {
        ctx.step("first", async |_| Ok(())).await?;
        assert_eq!(number, 8, "wrong number");
        Ok(number)
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "Panic");
    assert!(message.contains("wrong number"), "{message}");
}

#[tokio::test]
async fn an_input_that_does_not_fit_fails_the_execution_and_says_where() {
    let ledger = Ledger::new(&"not an order");

    let (error_type, message) = error(ledger.run(&ship).await);

    assert_eq!(error_type, "InvalidInputError");
    assert!(message.contains("Order") && message.contains("column"), "{message}");
}

#[tokio::test]
async fn handlers_return_errors_of_any_type() {
    async fn parse(text: String, _: DurableContext) -> std::result::Result<u32, std::num::ParseIntError> {
        text.parse()
    }
    let ledger = Ledger::new(&"seven");

    let (error_type, message) = error(ledger.run(&parse).await);

    assert_eq!((error_type.as_str(), message.as_str()), ("ParseIntError", "invalid digit found in string"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_bodies_that_are_woken_from_elsewhere_do_not_starve_the_runtime() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..1_000).map(|_| tokio::sync::oneshot::channel::<()>()).unzip();
        let receivers: Vec<_> = receivers.into_iter().map(|it| std::sync::Mutex::new(Some(it))).collect();
        std::thread::spawn(move || senders.into_iter().try_for_each(|sender| sender.send(())));
        let woken = ctx.map("woken", &receivers, async |ctx, receiver, _| {
            let step = ctx.step("wait", async |_| {
                let receiver = receiver.lock().unwrap().take();
                Ok(receiver.unwrap().await?)
            });
            step.await
        });
        Ok(woken.await?.success_count())
    };

    assert_eq!(result(ledger.run(&handler).await), "1000");
}

#[tokio::test]
async fn an_invocation_without_a_record_of_the_execution_runs_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), _: DurableContext| -> Result<u32> { Ok(7) };
    let mut input = ledger.input();
    input.initial_execution_state.operations.clear();

    let error = Invocation::new(input, lambda_context()).drive(&ledger, &handler).await.unwrap_err();

    let cause = std::error::Error::source(&error).and_then(std::error::Error::source).unwrap();
    assert!(cause.to_string().contains("no record of the execution"), "{cause}");
}

/// Panics when it is dropped, unless a panic is under way.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

#[tokio::test]
async fn a_value_that_panics_when_the_invocation_drops_it_does_not_take_the_process_with_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let grenade = Grenade;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        std::mem::forget(grenade);
        Ok(7)
    };

    assert_eq!(result(ledger.run(&handler).await), "7");
}

#[tokio::test]
async fn a_spawned_operation_that_panics_when_it_is_dropped_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let held = ctx.run_in_child_context("hold", async |ctx| {
            let _grenade = Grenade;
            ctx.wait("pause", Duration::from_secs(1)).await
        });
        let held = held.spawn();
        ctx.step("work", async |_| Ok(())).await?;
        drop(held);
        ctx.wait("rest", Duration::from_secs(1)).await?;
        Ok(())
    };

    assert_eq!(error(ledger.run(&handler).await), ("Panic".to_owned(), "panicked: dropped".to_owned()));
}
