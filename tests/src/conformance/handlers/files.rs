//! Values in files, with what their records show of them.

use std::path::PathBuf;

use durable::prelude::*;
use durable::serdes::{FileSystemSerdes, SerdesContext};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    id: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Verified {
    id: String,
    length: usize,
    checksum: String,
}

impl Verified {
    fn of(stored: &Stored) -> Self {
        let digest = Sha256::digest(&stored.value);
        let checksum = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { id: stored.id.clone(), length: stored.value.len(), checksum }
    }
}

/// What the record of a value shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    payload_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<String>,
    id: Value,
    length: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<Value>,
}

impl Preview {
    fn of(value: &Value, context: SerdesContext<'_>) -> Self {
        let stored = value.get("value").and_then(Value::as_str).map(|stored| stored.len().into());
        let member = |key: &str| value.get(key).cloned();
        Self {
            payload_kind: context.payload_kind().as_str(),
            operation_name: context.operation_name().map(str::to_owned),
            id: member("id").unwrap_or_default(),
            length: stored.or_else(|| member("length")).unwrap_or_default(),
            checksum: member("checksum"),
        }
    }
}

/// A folder that every invocation sees, as a mounted file system is.
fn mounted() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join("durable-conformance-files");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[durable::handler]
pub(crate) async fn round_trip(event: Stored, ctx: DurableContext) -> Result<Verified> {
    let files = FileSystemSerdes::new(mounted()?).preview(Preview::of);
    ctx.set_result_serdes(files.clone());
    let ctx = ctx.with_serdes(files);
    let stored = ctx.step("store-payload", async |_| Ok(event.clone())).await?;
    ctx.wait("force-filesystem-replay", Duration::from_secs(1)).await?;
    ctx.step("verify-payload", async |_| Ok(Verified::of(&stored))).await
}
