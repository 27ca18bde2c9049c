//! Errors of users whose types are named like those of the SDK.

use std::fmt;
use std::ops::ControlFlow;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, result};

#[derive(Debug, PartialEq, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
struct StepInterruptedError(u32);

#[derive(Debug, PartialEq, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
struct ConditionNotMetError(u32);

macro_rules! error {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an error of the user: {}", self.0)
            }
        }

        impl std::error::Error for $name {}
    };
}

error!(StepInterruptedError);
error!(ConditionNotMetError);

#[tokio::test]
async fn an_error_of_the_user_is_not_taken_for_one_of_the_engine_by_its_name() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let step = ctx.step("step", async |_| Err::<(), _>(Error::typed(StepInterruptedError(7))));
        let step = step.retry(RetryStrategy::none()).await.unwrap_err();
        let check = async |(): (), _| Err::<ControlFlow<(), ()>, _>(Error::typed(ConditionNotMetError(8)));
        let condition = ctx.wait_for_condition("condition", (), check).await.unwrap_err();

        assert!(!step.is_interrupted());
        assert!(!condition.is_exhausted());
        assert_eq!(step.downcast_ref(), Some(&StepInterruptedError(7)));
        assert_eq!(condition.downcast_ref(), Some(&ConditionNotMetError(8)));
        Ok(())
    };

    assert_eq!(result(ledger.run(&handler).await), "null");
}
