//! Steps made by `#[durable::step]` as steps of a saga.

use std::fmt;
use std::sync::Mutex;

use durable::DurableError;
use durable::prelude::*;
use durable_testing::{TestExecution, TestRunner};
use serde::{Deserialize, Serialize};

/// What a bank was asked to do, and how often it is still busy.
#[derive(Default)]
struct Bank {
    asked: Mutex<Vec<String>>,
    busy: Mutex<u32>,
}

impl Bank {
    fn ask(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[derive(Debug, Serialize, Deserialize, DurableError)]
struct Declined {
    cents: u32,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cents are too much", self.cents)
    }
}

impl std::error::Error for Declined {}

#[durable::step(retry = fixed("7s", max_attempts = 2))]
async fn reserve(bank: &Bank, cents: u32) -> Result<u32> {
    let is_busy = {
        let mut busy = bank.busy.lock().unwrap();
        let is_busy = *busy > 0;
        *busy = busy.saturating_sub(1);
        is_busy
    };
    if is_busy {
        return Err(Error::msg("busy"));
    }
    bank.ask(format!("reserve {cents}"));
    Ok(cents + 1)
}

#[durable::step(name = "charge the card", retry = none)]
async fn charge(cents: u32) -> Result<(), Declined> {
    Err(Declined { cents })
}

#[durable::step]
async fn release(bank: &Bank, reservation: u32) -> Result<()> {
    bank.ask(format!("release {reservation}"));
    Ok(())
}

#[durable::handler]
async fn pay(cents: u32, ctx: DurableContext, bank: &Bank) -> Result<u32> {
    let paid = ctx.saga("pay", async |_, saga| {
        let reservation = reserve(&saga, bank, cents)
            .compensate(async |reservation, _| release::call(bank, reservation).await)
            .await?;
        charge(&saga, cents).compensate(async |(), _| Ok(())).await?;
        Ok(reservation)
    });
    match paid.await {
        Ok(reservation) => Ok(reservation),
        Err(error) => Ok(error.downcast::<Declined>()?.cents),
    }
}

async fn paid(bank: &Bank) -> TestExecution {
    TestRunner::new(pay::with(bank)).run(&100).await.unwrap()
}

#[tokio::test]
async fn a_macro_step_of_a_saga_is_undone_with_its_result() {
    let bank = Bank::default();

    let execution = paid(&bank).await;

    assert_eq!(bank.asked(), ["reserve 100", "release 101"]);
    for name in ["reserve", "undo-reserve", "charge the card"] {
        assert!(execution.operation(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn the_error_of_a_macro_step_stays_typed_in_a_saga() {
    let execution = paid(&Bank::default()).await;

    assert_eq!(execution.result::<u32>().unwrap(), 100);
}

#[tokio::test]
async fn a_macro_step_keeps_its_retry_strategy_in_a_saga() {
    let bank = Bank { busy: Mutex::new(1), ..Bank::default() };

    let execution = paid(&bank).await;

    assert_eq!(bank.asked(), ["reserve 100", "release 101"]);
    assert_eq!(execution.elapsed(), Duration::from_secs(7));
}

#[durable::handler]
async fn pay_inside(cents: u32, ctx: DurableContext) -> Result<u32> {
    let paid = ctx.step("outer", async |_| Ok(charge::call(cents).await?)).retry(RetryStrategy::none()).await;
    let inner = ctx.run_in_child_context("child", async |ctx| charge(&ctx, cents + 1).await).await;
    let declined = |charged: Result<()>| charged.err().and_then(|error| error.downcast::<Declined>().ok());
    Ok(declined(paid).map_or(0, |error| error.cents) + declined(inner).map_or(0, |error| error.cents))
}

#[tokio::test]
async fn the_error_of_a_macro_step_stays_typed_in_the_bodies_of_other_operations() {
    let execution = TestRunner::new(pay_inside).run(&100).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 201);
}
