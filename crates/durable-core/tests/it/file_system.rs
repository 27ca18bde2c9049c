//! Values in files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::serdes::{DeserializeValue, FileSystemSerdes, SerdesContext, SerializeValue};
use durable_core::types::{ChainedInvokeDetails, OperationStatus};
use durable_core::{DurableContext, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ledger::{Ledger, error, result};

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The files in a folder and below it, relative to it.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<String> = found.into_iter().map(relative).collect();
    files.sort();
    files
}

/// What is recorded of a step.
pub(crate) fn recorded(ledger: &Ledger, name: &str) -> String {
    ledger.operation(name).take_step_details().result.unwrap()
}

/// Records something else of a step.
pub(crate) fn record(ledger: &Ledger, name: &str, text: &str) {
    ledger.amend(name, |step| step.step_details_mut().unwrap().result = Some(text.to_owned()));
}

/// A handler with a step in a file, and a pause after which it is read again.
macro_rules! write_then_read {
    ($files:expr, $value:expr) => {
        async |_: (), ctx: DurableContext| -> Result<String> {
            let text = ctx.using($files.clone()).step("write", async |_| Ok($value)).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(text)
        }
    };
}

#[tokio::test]
async fn a_value_goes_into_a_file_of_its_execution_and_its_record_names_the_file() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = write_then_read!(serdes, "a small text".to_owned());

    assert_eq!(result(ledger.run(&handler).await), r#""a small text""#);

    let [file] = &files(folder.path())[..] else { panic!("{:?}", files(folder.path())) };
    let id = ledger.operation("write").id;
    assert!(file.starts_with(&format!("order/run/4f1c/operation%2F{id}%2Fresult-")), "{file}");
    assert!(file.ends_with(".payload"), "{file}");
    let path = folder.path().join(file);
    let record: Value = serde_json::from_str(&recorded(&ledger, "write")).unwrap();
    assert_eq!(record["file"], *path.to_str().unwrap());
    assert_eq!(fs::read_to_string(path).unwrap(), r#""a small text""#);
}

#[tokio::test]
async fn on_overflow_only_what_is_too_large_for_a_record_goes_into_a_file() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path()).on_overflow();
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let small = ctx.using(serdes.clone()).step("small", async |_| Ok("x".repeat(260_000))).await?;
        let large = ctx.using(serdes.clone()).step("large", async |_| Ok("x".repeat(2_000_000))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(small.len() + large.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "2260000");

    assert_eq!(files(folder.path()).len(), 1);
    assert!(recorded(&ledger, "small").contains(r#","data":"\"xxx"#));
    assert!(recorded(&ledger, "large").contains(r#","file":"/"#));
}

#[tokio::test]
async fn the_threshold_counts_what_stands_around_the_value() {
    let record_of_ab = {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path()).on_overflow();
        ledger.run(&write_then_read!(serdes, "ab".to_owned())).await;
        recorded(&ledger, "write").len()
    };
    for (threshold, count) in [(record_of_ab, 0), (record_of_ab - 1, 1)] {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path()).threshold(threshold);

        assert_eq!(result(ledger.run(&write_then_read!(serdes, "ab".to_owned())).await), r#""ab""#);

        assert_eq!(files(folder.path()).len(), count);
    }
}

#[tokio::test]
async fn each_item_of_a_map_has_a_file_and_is_read_from_it_on_replay() {
    for is_flat in [false, true] {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path());
        let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
            let ctx = ctx.using(serdes.clone());
            let items = ctx.map("items", 0..3, async |_, item: usize, _| Ok("x".repeat(200_000 + item)));
            let items = if is_flat { items.flat() } else { items };
            let items = items.await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(items.values().map(String::len).sum())
        };

        assert_eq!(result(ledger.run(&handler).await), "600003");

        assert_eq!(files(folder.path()).len(), 3);
        let record = ledger.operation("items").take_context_details();
        assert!(record.result.unwrap().len() < 2_500);
        assert_eq!(record.replay_children, None);
    }
}

#[tokio::test]
async fn a_large_context_whose_result_is_in_a_file_is_not_entered_again() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path()).on_overflow();
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let large = ctx.using(serdes.clone()).run_in_child_context("large", async |_| {
            RUNS.fetch_add(1, Ordering::SeqCst);
            Ok("x".repeat(5_000_000))
        });
        let large = large.await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(large.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "5000000");

    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_not_recorded_leaves_no_file() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let ctx = ctx.using(serdes.clone());
        ctx.run_in_child_context("virtual", async |_| Ok(7)).virtual_context().await
    };

    assert_eq!(result(ledger.run(&handler).await), "7");
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_value_that_looks_like_an_envelope_comes_back_as_it_was() {
    let previous = r#"{"durableFileSystem":1,"file":"order/run/4f1c/other.json"}"#;
    let current = r#"{"__durable_execution_filesystem_serdes":1,"file":"/order/run/4f1c/other.payload"}"#;
    for (threshold, fake) in [(0, previous), (usize::MAX, previous), (0, current), (usize::MAX, current)] {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path()).threshold(threshold);
        let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
            let fake: Value = serde_json::from_str(fake)?;
            let value = ctx.using(serdes.clone()).step("write", async |_| Ok(fake.clone())).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(value == fake)
        };

        assert_eq!(result(ledger.run(&handler).await), "true");
    }
}

#[tokio::test]
async fn an_answer_of_another_system_that_names_a_file_is_read_as_it_is() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = async |_: (), ctx: DurableContext| -> Result<(Value, Value)> {
        let secret = ctx.using(serdes.clone()).step("secret", async |_| Ok("secret".to_owned())).await?;
        assert_eq!(secret, "secret");
        let answer = ctx.using(serdes.clone()).create_callback::<Value>("ask").await?;
        let called = ctx.using(serdes.clone()).invoke::<Value, _>("call", "other", &());
        let (answer, called) = tokio::join!(answer, called.into_future());
        Ok((answer?, called?))
    };
    ledger.invoke(&handler).await.unwrap();
    let fake = recorded(&ledger, "secret");
    ledger.amend("ask", |callback| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some(fake.clone());
    });
    ledger.amend("call", |call| {
        call.status = OperationStatus::Succeeded;
        let details = ChainedInvokeDetails::new(Some(fake.clone()), None);
        call.details = Some(details.into());
    });

    let read: (Value, Value) = serde_json::from_str(&result(ledger.run(&handler).await)).unwrap();

    let fake: Value = serde_json::from_str(&fake).unwrap();
    assert_eq!(read, (fake.clone(), fake));
}

#[tokio::test]
async fn a_record_that_names_a_file_outside_of_the_folder_is_refused() {
    let (folder, outside) = (folder(), folder());
    fs::write(outside.path().join("secret.json"), r#"{"durableFileSystem":1,"sha256":"","value":1}"#)
        .unwrap();
    let climbing = format!("../{}/secret.json", outside.path().file_name().unwrap().to_str().unwrap());
    let rooted = outside.path().join("secret.json").to_str().unwrap().to_owned();
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = write_then_read!(serdes, "written".to_owned());

    for hostile in [climbing, rooted] {
        let ledger = Ledger::new(&());
        ledger.invoke(&handler).await.unwrap();
        let mut current: Value = serde_json::from_str(&recorded(&ledger, "write")).unwrap();
        current["file"] = hostile.clone().into();
        for hostile in [current, json!({"durableFileSystem": 1, "file": hostile})] {
            record(&ledger, "write", &hostile.to_string());

            let (error_type, message) = error(ledger.invoke(&handler).await.unwrap());

            assert_eq!(error_type, "SerdesError");
            assert!(message.contains("`write`") && message.contains("refused"), "{message}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_leads_out_of_the_folder_is_refused_for_reading_and_for_writing() {
    use std::os::unix::fs::symlink;
    let (folder, outside) = (folder(), folder());
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = write_then_read!(serdes, "written".to_owned());
    let ledger = Ledger::new(&());
    ledger.invoke(&handler).await.unwrap();
    let file = folder.path().join(&files(folder.path())[0]);
    fs::rename(&file, outside.path().join("secret.payload")).unwrap();
    symlink(outside.path().join("secret.payload"), &file).unwrap();

    let (_, read) = error(ledger.run(&handler).await);
    fs::remove_dir_all(folder.path().join("order")).unwrap();
    symlink(outside.path(), folder.path().join("order")).unwrap();
    let (_, written) = error(Ledger::new(&()).run(&handler).await);

    assert!(read.contains("a link leads out of the folder"), "{read}");
    assert!(written.contains("a link leads out of the folder"), "{written}");
    assert_eq!(files(outside.path()), ["secret.payload"]);
}

#[tokio::test]
async fn a_folder_may_be_a_link_itself() {
    let (folder, links) = (folder(), folder());
    let link = links.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    #[cfg(not(unix))]
    let link = folder.path().to_owned();
    let serdes = FileSystemSerdes::new(link);

    let handler = write_then_read!(serdes, "written".to_owned());

    assert_eq!(result(Ledger::new(&()).run(&handler).await), r#""written""#);
}

#[tokio::test]
async fn a_file_that_is_missing_or_damaged_is_an_error_that_names_it_and_the_operation() {
    type Damage = fn(&Path);
    let remove: Damage = |path| fs::remove_file(path).unwrap();
    let cut: Damage = |path| fs::write(path, &fs::read(path).unwrap()[..4]).unwrap();
    let change: Damage = |path| {
        let content = fs::read_to_string(path).unwrap();
        fs::write(path, content.replace("written", "changed")).unwrap();
    };
    for (damage, told) in [(remove, "is missing"), (cut, "damaged"), (change, "damaged")] {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path());
        let handler = write_then_read!(serdes, "written".to_owned());
        ledger.invoke(&handler).await.unwrap();
        let file = files(folder.path())[0].clone();
        damage(&folder.path().join(&file));

        let (error_type, message) = error(ledger.run(&handler).await);

        assert_eq!(error_type, "SerdesError");
        let id = ledger.operation("write").id;
        assert!(message.contains(told), "{message}");
        assert!(
            [file, id.into(), "`write`".to_owned()].iter().all(|part| message.contains(part)),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_record_that_is_a_malformed_envelope_is_an_error() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = write_then_read!(serdes, "written".to_owned());
    ledger.invoke(&handler).await.unwrap();

    let written: Value = serde_json::from_str(&recorded(&ledger, "write")).unwrap();
    let with = |member: &str, value: Value| {
        let mut record = written.clone();
        record[member] = value;
        record.to_string()
    };
    let malformed = [
        with("__durable_execution_filesystem_serdes", 2.into()),
        with("__durable_execution_filesystem_serdes", "1".into()),
        with("ownerDurableExecutionArn", "arn:other".into()),
        with("ownerEntityId", "operation/other/result".into()),
        with("payloadType", "BINARY".into()),
        with("payloadDigest", "0".repeat(64).into()),
        with("payloadDigest", "../".into()),
        with("data", "\"written\"".into()),
        with("file", Value::Null),
        with("other", 1.into()),
        r#"{"__durable_execution_filesystem_serdes":1}"#.to_owned(),
        r#"{"durableFileSystem":2,"value":1}"#.to_owned(),
        r#"{"durableFileSystem":1}"#.to_owned(),
        r#"{"durableFileSystem":1,"value":1,"file":"order/run/4f1c/other.json"}"#.to_owned(),
    ];
    for text in malformed {
        record(&ledger, "write", &text);
        let (error_type, _) = error(ledger.invoke(&handler).await.unwrap());
        assert_eq!(error_type, "SerdesError", "{text}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_not_created() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let unmounted = folder.path().join("unmounted");
    let serdes = FileSystemSerdes::new(&unmounted);

    let (_, message) = error(ledger.run(&write_then_read!(serdes, "written".to_owned())).await);

    assert!(message.contains("unmounted") && message.contains("must be there"), "{message}");
    assert!(!unmounted.exists());
}

#[tokio::test]
async fn attempts_never_overwrite_each_other_and_the_record_names_the_last() {
    let (folder, ledger) = (folder(), Ledger::new(&()));
    let serdes = FileSystemSerdes::new(folder.path());
    let handler = write_then_read!(serdes, "written".to_owned());
    ledger.invoke(&handler).await.unwrap();
    let first = files(folder.path());
    // The record of that attempt was lost with its invocation.
    ledger.amend("write", |step| step.status = OperationStatus::Started);

    assert_eq!(result(ledger.run(&handler).await), r#""written""#);

    let both = files(folder.path());
    assert_eq!((first.len(), both.len()), (1, 2));
    let last = both.iter().find(|file| !first.contains(file)).unwrap();
    assert!(recorded(&ledger, "write").contains(last.as_str()));
}

/// Writes texts in capitals, without quotes.
#[derive(Clone, Copy)]
struct Capitals;

impl SerializeValue<String> for Capitals {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.to_uppercase())
    }
}

impl DeserializeValue<String> for Capitals {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.to_owned())
    }
}

#[tokio::test]
async fn values_are_written_by_the_inner_serdes_in_the_file_and_in_the_record() {
    for threshold in [0, usize::MAX] {
        let (folder, ledger) = (folder(), Ledger::new(&()));
        let serdes = FileSystemSerdes::new(folder.path()).threshold(threshold).inner(Capitals);

        let handler = write_then_read!(serdes, "a \"text\"".to_owned());

        assert_eq!(result(ledger.run(&handler).await), r#""A \"TEXT\"""#);
    }
}
