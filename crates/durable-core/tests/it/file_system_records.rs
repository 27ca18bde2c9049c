//! What is recorded of values in files.

use std::fs;
use std::time::Duration;

use durable_core::serdes::{FileSystemSerdes, Json, PayloadKind, SerdesContext};
use durable_core::{DurableContext, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::file_system::{files, folder, record, recorded};
use crate::ledger::{ARN, Ledger, error, result};

async fn store(event: Value, ctx: DurableContext, serdes: FileSystemSerdes) -> Result<Value> {
    ctx.set_result_serdes(serdes.clone());
    let ctx = ctx.with_serdes(serdes);
    let stored = ctx.step("store", async |_| Ok(event.clone())).await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(json!({ "id": stored["id"] }))
}

/// What a record shows of a value.
fn preview(value: &Value, context: SerdesContext<'_>) -> Value {
    match context.payload_kind() {
        PayloadKind::Output => json!({ "payloadKind": "OUTPUT", "id": value["id"] }),
        kind => json!({
            "payloadKind": kind.as_str(),
            "operationName": context.operation_name(),
            "id": value["id"],
        }),
    }
}

#[tokio::test]
async fn a_record_has_the_members_that_the_envelopes_of_other_sdks_have() {
    let folder = folder();
    let ledger = Ledger::new(&json!({ "id": "payload-1", "value": "text" }));
    let serdes = FileSystemSerdes::new(folder.path()).preview(preview);
    let handler = async |event, ctx| store(event, ctx, serdes.clone()).await;

    let output: Value = serde_json::from_str(&result(ledger.run(&handler).await)).unwrap();

    let id = ledger.operation("store").id;
    let record: Value = serde_json::from_str(&recorded(&ledger, "store")).unwrap();
    // SHA-256 of the JSON of the event and of the result.
    let digests = [
        "9d51aa058fc3420e52d4e9fc15f77d28383f847349dc7e117c1d88ea06ea9110",
        "fea5828d8794ec6bd7a86318774d4696b8888d2640eeda8282da4d6aa4908b7b",
    ];
    let expected = json!({
        "__durable_execution_filesystem_serdes": 1,
        "ownerDurableExecutionArn": ARN,
        "ownerEntityId": format!("operation/{id}/result"),
        "payloadType": "UTF8",
        "payloadDigest": digests[0],
        "file": record["file"],
        "preview": { "payloadKind": "RESULT", "operationName": "store", "id": "payload-1" },
    });
    assert_eq!(record, expected);
    let expected = json!({
        "__durable_execution_filesystem_serdes": 1,
        "ownerDurableExecutionArn": ARN,
        "ownerEntityId": "execution/output",
        "payloadType": "UTF8",
        "payloadDigest": digests[1],
        "file": output["file"],
        "preview": { "payloadKind": "OUTPUT", "id": "payload-1" },
    });
    assert_eq!(output, expected);
    let content = |record: &Value| fs::read_to_string(record["file"].as_str().unwrap()).unwrap();
    assert_eq!(content(&record), r#"{"id":"payload-1","value":"text"}"#);
    assert_eq!(content(&output), r#"{"id":"payload-1"}"#);
}

#[tokio::test]
async fn a_record_that_holds_its_value_has_no_preview() {
    let (folder, ledger) = (folder(), Ledger::new(&json!({ "id": 1 })));
    let serdes = FileSystemSerdes::new(folder.path()).on_overflow().preview(preview);

    ledger.run(&async |event, ctx| store(event, ctx, serdes.clone()).await).await;

    let record: Value = serde_json::from_str(&recorded(&ledger, "store")).unwrap();
    assert_eq!(record["data"], r#"{"id":1}"#);
    assert_eq!(record.get("preview"), None);
    assert!(files(folder.path()).is_empty());
}

/// The record of a step whose value is in a file with this preview.
async fn record_with<R: Serialize + 'static>(
    preview: impl Fn(&Value, SerdesContext<'_>) -> R + Send + Sync + 'static,
) -> std::result::Result<String, String> {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path()).preview(preview);
    let handler = async |_: (), ctx: DurableContext| -> Result<Option<String>> {
        let stored = ctx.using(serdes.clone()).step("store", async |_| Ok(7)).await;
        Ok(stored.err().map(|error| error.to_string()))
    };
    match serde_json::from_str(&result(ledger.run(&handler).await)).unwrap() {
        None::<String> => Ok(recorded(&ledger, "store")),
        Some(error) => {
            assert!(files(folder.path()).is_empty(), "{error}");
            Err(error)
        }
    }
}

#[tokio::test]
async fn a_preview_that_is_null_is_left_out() {
    let record = record_with(|_, _| None::<Value>).await.unwrap();

    assert!(!record.contains("preview"), "{record}");
}

#[tokio::test]
async fn a_preview_that_cannot_be_recorded_fails_the_operation_before_its_file_is_written() {
    let cases = [
        (record_with(|_, _| 7).await, "not a JSON object"),
        (
            record_with(|_, _| json!({ "all": "x".repeat(300_000) })).await,
            "its preview makes the record too large",
        ),
        (record_with(|_, _| -> Value { panic!("out of ink") }).await, "out of ink"),
    ];

    for (recorded, problem) in cases {
        let error = recorded.unwrap_err();
        assert!(error.contains("step `store`") && error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn records_of_the_previous_format_are_read() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = async |_: (), ctx: DurableContext| -> Result<(Value, Value, Value)> {
        let ctx = ctx.with_serdes(serdes.clone());
        let file = ctx.step("file", async |_| Ok(Value::from(0))).await?;
        let inline = ctx.step("inline", async |_| Ok(Value::from(0))).await?;
        let null = ctx.step("null", async |_| Ok(Value::from(0))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((file, inline, null))
    };
    ledger.invoke(&handler).await.unwrap();
    // SHA-256 of the value.
    let sha256 = "504ec24b8777297461045b388d49b67087d33e32f3e8e13bd1e62655eaaf4e7b";
    let content = format!(r#"{{"durableFileSystem":1,"sha256":"{sha256}","value":{{"text":"old"}}}}"#);
    fs::create_dir_all(folder.path().join("order/run/4f1c")).unwrap();
    fs::write(folder.path().join("order/run/4f1c/abc-12.json"), content).unwrap();

    record(&ledger, "file", r#"{"durableFileSystem":1,"file":"order/run/4f1c/abc-12.json"}"#);
    record(&ledger, "inline", r#"{"durableFileSystem":1,"value":[1,2]}"#);
    record(&ledger, "null", r#"{"durableFileSystem":1,"value":null}"#);

    assert_eq!(result(ledger.run(&handler).await), r#"[{"text":"old"},[1,2],null]"#);
}

#[tokio::test]
async fn what_the_inner_serdes_recorded_by_itself_is_read() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let handler = async |with_files: bool, ctx: DurableContext| -> Result<(Value, Vec<u32>)> {
        let ctx = match with_files {
            true => ctx.with_serdes(FileSystemSerdes::new(folder.path())),
            false => ctx.with_serdes(Json),
        };
        let step = ctx.step("step", async |_| Ok(json!([1, { "file": "/etc/passwd" }]))).await?;
        let items = ctx.map("items", [1, 2], async |_, item, _| Ok(item)).await?.into_result()?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((step, items))
    };
    ledger.invoke(&async |_: (), ctx| handler(false, ctx).await).await.unwrap();

    let output = ledger.run(&async |_: (), ctx| handler(true, ctx).await).await;

    assert_eq!(result(output), r#"[[1,{"file":"/etc/passwd"}],[1,2]]"#);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_record_is_read_where_the_folder_is_mounted_now() {
    let (before, after) = (folder(), folder());
    let ledger = Ledger::new(&json!({ "id": 1 }));
    let handler = |folder: &std::path::Path| {
        let serdes = FileSystemSerdes::new(folder);
        move |event, ctx| store(event, ctx, serdes.clone())
    };
    ledger.invoke(&handler(before.path())).await.unwrap();
    fs::rename(before.path().join("order"), after.path().join("order")).unwrap();

    let output = result(ledger.run(&handler(after.path())).await);

    assert!(output.contains(after.path().to_str().unwrap()), "{output}");
}

#[tokio::test]
async fn the_record_of_another_operation_is_refused() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let ctx = ctx.with_serdes(serdes.clone());
        let sum = ctx.step("public", async |_| Ok(1)).await? + ctx.step("secret", async |_| Ok(2)).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(sum)
    };
    ledger.invoke(&handler).await.unwrap();
    record(&ledger, "public", &recorded(&ledger, "secret"));

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "SerdesError");
    assert!(message.contains("`public`") && message.contains("belongs to operation/"), "{message}");
}
