//! Which functions there are, as AWS's tools ask before they invoke one.

use durable_local::FunctionDefinition;
use durable_types::DurableConfig;
use serde_json::json;

use super::client::Call;
use super::guest::Host;

async fn host(folder: &std::path::Path) -> Host {
    let config = DurableConfig::default().with_execution_timeout(60);
    Host::start_guest(folder, |guest, settings| {
        let tax = FunctionDefinition::in_process("tax", async |input| Ok(input)).plain();
        settings.with_function(guest.definition("order").with_durable_config(config)).with_function(tax)
    })
    .await
}

#[tokio::test]
async fn tools_find_out_whether_a_function_is_durable_and_ready() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    let order = host.call(Call::get("/2015-03-31/functions/order/configuration?Qualifier=7")).await;
    let tax = host.call(Call::get("/2015-03-31/functions/tax")).await;
    let all = host.call(Call::get("/2015-03-31/functions")).await;

    let arn = "arn:aws:lambda:us-east-1:000000000000:function";
    let of_order = json!({
        "FunctionName": "order",
        "FunctionArn": format!("{arn}:order:7"),
        "Version": "7",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "DurableConfig": { "ExecutionTimeout": 60 },
    });
    let of_tax = json!({
        "FunctionName": "tax",
        "FunctionArn": format!("{arn}:tax"),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    });
    assert_eq!(order.json(), of_order);
    assert_eq!(tax.json(), json!({ "Configuration": of_tax }));
    assert_eq!(all.json()["Functions"].as_array().unwrap().len(), 2);
    assert_eq!(all.json()["Functions"][1], of_tax);
}

#[tokio::test]
async fn a_function_that_is_not_there_is_told_as_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;

    let answer = host.call(Call::get("/2015-03-31/functions/ordr")).await;

    let message = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:ordr".to_owned();
    let expected = (404, "ResourceNotFoundException".to_owned(), "User".to_owned(), message);
    assert_eq!(answer.error(), expected);
}
