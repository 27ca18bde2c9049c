//! Errors of users that are errors themselves.

use std::error::Error as StdError;
use std::fmt;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use serde::{Deserialize, Serialize, Serializer};

use super::told;
use crate::ledger::{Ledger, result};

/// An error that cannot be written.
#[derive(Debug, Deserialize, DurableError)]
#[durable(crate = durable_core, name = "Unwritable")]
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("out of ink"))
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be written")
    }
}

impl StdError for Unwritable {}

/// An error that is its own cause.
#[derive(Debug)]
struct Circular;

impl fmt::Display for Circular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it turns in circles")
    }
}

impl StdError for Circular {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&Self)
    }
}

#[tokio::test]
async fn an_error_that_cannot_be_written_is_recorded_without_its_data() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let step = ctx.step("it", async |_| Err::<(), _>(Error::typed(Unwritable)));
        let error = step.retry(RetryStrategy::none()).await.unwrap_err();
        assert!(!error.is::<Unwritable>());
        Ok((error.error_type().to_owned(), error.to_string()))
    };

    let told = result(ledger.invoke(&handler).await.unwrap());

    let note = "recorded without its data, which cannot be restored: out of ink";
    assert_eq!(told, format!(r#"["Unwritable","step `it` failed: it cannot be written ({note})"]"#));
}

#[tokio::test]
async fn an_error_that_is_its_own_cause_is_told_once() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        Ok(told!(ctx.run_in_child_context("it", async |_| Err::<(), _>(Error::from(Circular)))))
    };

    let told = result(ledger.invoke(&handler).await.unwrap());

    assert_eq!(told, r#"["Circular","child context `it` failed: it turns in circles"]"#);
}

#[tokio::test]
async fn an_error_that_says_nothing_still_has_a_type_and_an_operation() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let step = ctx.step("it", async |_| Err::<(), _>(Error::msg("")));
        Ok(told!(step.retry(RetryStrategy::none())))
    };

    let told = result(ledger.invoke(&handler).await.unwrap());

    assert!(told.contains("step `it` failed: Error"), "{told}");
}
