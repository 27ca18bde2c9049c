//! Calls of other functions.

use durable_core::types::{ChainedInvokeDetails, ErrorObject, InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error, result};

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
        tax.chained_invoke_details =
            Some(Box::new(ChainedInvokeDetails { result: Some("19".into()), error: None }));
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

#[tokio::test]
async fn a_called_function_that_times_out_or_is_stopped_says_so() {
    for (status, is_timeout, is_stopped) in
        [(OperationStatus::TimedOut, true, false), (OperationStatus::Stopped, false, true)]
    {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
            let error = ctx.invoke::<(), _>("tax", "tax", &()).await.unwrap_err();
            assert_eq!((error.is_timeout(), error.is_stopped()), (is_timeout, is_stopped));
            Ok(error.message() == Some("why"))
        };
        ledger.invoke(&handler).await.unwrap();
        ledger.amend("tax", |tax| {
            tax.status = status;
            let error = Some(ErrorObject::new("E", "why"));
            tax.chained_invoke_details = Some(Box::new(ChainedInvokeDetails { result: None, error }));
        });

        assert_eq!(result(ledger.run(&handler).await), "true");
    }
}

#[tokio::test]
async fn a_function_name_that_cannot_be_one_is_an_error_and_records_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        Ok(ctx.invoke("tax", "no such function!", &()).await?)
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "InvokeError");
    assert!(message.contains("`tax`") && message.contains("FunctionName"), "{message}");
    assert!(ledger.calls().is_empty());
}
