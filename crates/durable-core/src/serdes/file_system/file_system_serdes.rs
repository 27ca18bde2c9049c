//! Values in files, with records that refer to the files.

use std::path::PathBuf;

use durable_types::limits::MAX_CONTEXT_RESULT_BYTES;
use serde::Serialize;
use serde_json::Value;

use super::digest::{check_digest, digest};
use super::envelope::Envelope;
use super::failure::Failure;
use super::folder::Folder;
use super::preview::Preview;
use super::previous::{Previous, read_content};
use super::reference::{Owner, Reference};
use crate::error::BoxError;
use crate::serdes::context::{SerdesContext, TextOrigin};
use crate::serdes::json::Json;
use crate::serdes::value::{DeserializeValue, SerializeValue};

/// The largest record: the most that a context can record before its result has to be rebuilt, minus room for the
/// surrounding text.
const MAX_RECORD: usize = MAX_CONTEXT_RESULT_BYTES - 1_024;

/// Stores values in files and records a reference to the file, for values that are too large for a checkpoint.
///
/// The folder must be shared by all invocations of the function, such as an EFS mount. Never use `/tmp` on Lambda: each
/// sandbox has a `/tmp` of its own, so the next invocation may not find the files of this one. The folder itself is not
/// created, because a failed mount must not be mistaken for an empty folder.
///
/// ```
/// use durable_core::{DurableContext, Result};
/// use durable_core::serdes::FileSystemSerdes;
/// # async fn render() -> std::io::Result<String> { Ok(String::new()) }
///
/// async fn handler(_: (), ctx: DurableContext) -> Result<usize> {
///     let files = FileSystemSerdes::new("/mnt/durable").on_overflow();
///     let report = ctx.using(files).step("render", async |_| Ok(render().await?)).await?;
///     Ok(report.len())
/// }
/// ```
///
/// # Files
/// A file contains the text of a value, as the [inner](Self::inner) serdes wrote it. Its path in the folder is
/// `function/execution name/execution id/operation-digest-unique.payload`. A file is written once, in full, and synced
/// to disk before it is recorded; it is never overwritten. If an attempt runs again, the file of the previous attempt
/// stays behind without a record that refers to it. Files are never deleted: let them expire once no execution that
/// could read them is retained. Files whose names begin with a dot are incomplete.
///
/// The record is the envelope that AWS's SDKs write, of about half a kilobyte: the owner, the SHA-256 digest of the
/// text, the absolute path of the file, and the [preview](Self::preview). The folder may be mounted elsewhere later,
/// since only the path below it matters. Records in the format of earlier versions of this crate can still be read, and
/// so can records that the inner serdes wrote on its own, so executions in flight survive the switch to this serdes.
///
/// In a context that is [using](crate::DurableContext::using) this serdes, each item of a map gets a file. As the
/// [batch serdes](crate::operation::Map::batch_serdes) of a map, it writes one file for all items together. The items
/// of a [flat](crate::operation::Map::flat) map are not recorded individually: until the map is complete, each
/// invocation writes their files again.
///
/// # Trust
/// A file is read only if a record of this SDK refers to it. Answers to callbacks and results of invoked functions are
/// read by the inner serdes, whatever they look like. A record is rejected if it belongs to another operation, or if
/// its path leads out of the folder, directly or through a link. A rejected record, or a missing or damaged file, ends
/// the execution with an error that names the file and the operation. If the disk fails, the invocation fails and the
/// service retries it.
/// ends and the service retries it.
#[derive(Clone, Debug)]
pub struct FileSystemSerdes<S = Json> {
    folder: Folder,
    threshold: Option<usize>,
    preview: Option<Preview>,
    inner: S,
}

impl FileSystemSerdes {
    /// Creates a serdes that stores every value in a file under this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Folder::new(folder.into()), threshold: None, preview: None, inner: Json }
    }
}

impl<S> FileSystemSerdes<S> {
    /// Stores only those values in files whose record would exceed 255 KiB.
    pub fn on_overflow(self) -> Self {
        self.threshold(MAX_RECORD)
    }

    /// Stores only those values in files whose record would exceed this number of bytes.
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = Some(bytes);
        self
    }

    /// Sets a function that returns a preview of each value in a file, which is recorded and shown in the history.
    ///
    /// The function receives the value as written by the [inner](Self::inner) serdes: its JSON, or a string if it is
    /// not JSON. It returns anything that serializes as a JSON object, or as `null` for no preview. The preview is
    /// never read back, so the function may change at any time. The record with the preview must stay below 255 KiB. A
    /// preview should not contain secrets.
    ///
    /// ```
    /// use durable_core::serdes::{FileSystemSerdes, PayloadKind};
    /// use serde_json::json;
    ///
    /// let files = FileSystemSerdes::new("/mnt/durable").preview(|value, context| match context.payload_kind() {
    ///     PayloadKind::State => None,
    ///     _ => Some(json!({ "operationName": context.operation_name(), "id": value["id"] })),
    /// });
    /// # let _ = files;
    /// ```
    pub fn preview<R: Serialize>(
        mut self,
        preview: impl Fn(&Value, SerdesContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        self.preview = Some(Preview::new(preview));
        self
    }

    /// Sets the serdes that serializes the values, such as one that encrypts; defaults to JSON.
    pub fn inner<S2>(self, inner: S2) -> FileSystemSerdes<S2> {
        let Self { folder, threshold, preview, inner: _ } = self;
        FileSystemSerdes { folder, threshold, preview, inner }
    }

    async fn keep(&self, text: &str, context: SerdesContext<'_>) -> Result<String, Failure> {
        let (owner, digest) = (Owner::of(context), digest(text));
        // A value that is deserialized at once and discarded needs no file.
        let threshold = if context.is_recorded() { self.threshold } else { Some(usize::MAX) };
        if let Some(threshold) = threshold {
            let record = Envelope::inline(text, &owner, &digest)?;
            if record.len() <= threshold {
                return Ok(record);
            }
        }
        let preview = self.preview.as_ref().map(|preview| preview.of(text, context)).transpose()?;
        let reference = Reference::unique(&owner, &digest);
        let record = Envelope::file(&self.folder.absolute(&reference)?, &owner, &digest, preview.flatten())?;
        if record.len() > MAX_RECORD {
            let bytes = record.len();
            return Err(Failure::new(format!(
                "its preview makes the record too large: {bytes} bytes of at most {MAX_RECORD}"
            )));
        }
        self.folder.write(&reference, text).await?;
        Ok(record)
    }

    /// Reads a file and extracts its content.
    async fn content<R>(
        &self,
        reference: &Reference,
        take: impl FnOnce(String) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let content = self.folder.read(reference).await?;
        take(content)
            .map_err(|failure| Failure::because(format!("the file `{reference}` cannot be used"), failure))
    }

    /// Reads a value in the previous format, in which the text of the inner serdes is JSON or a JSON string.
    async fn read_previous<T>(
        &self,
        previous: Previous<'_>,
        context: SerdesContext<'_>,
    ) -> Result<T, BoxError>
    where
        S: DeserializeValue<T>,
    {
        let value = match previous {
            Previous::Inline(value) => value.to_owned(),
            Previous::File(reference) => {
                let take = |content: String| read_content(&content).map(ToOwned::to_owned);
                self.content(&reference, take).await.map_err(|failure| of(context, failure))?
            }
        };
        if self.inner.is_json() {
            return self.inner.deserialize(value.get(), context).await;
        }
        let text: String = serde_json::from_str(value.get())?;
        self.inner.deserialize(&text, context).await
    }
}

impl<T: Sync, S: SerializeValue<T>> SerializeValue<T> for FileSystemSerdes<S> {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let text = self.inner.serialize(value, context).await?;
        self.keep(&text, context).await.map_err(|failure| of(context, failure))
    }
}

impl<T, S: DeserializeValue<T>> DeserializeValue<T> for FileSystemSerdes<S> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        match context.origin() {
            TextOrigin::Record => {}
            TextOrigin::External => return self.inner.deserialize(text, context).await,
        }
        let envelope = Envelope::read(text, &Owner::of(context)).map_err(|failure| of(context, failure))?;
        match envelope {
            None => self.inner.deserialize(text, context).await,
            Some(Envelope::Inline(text)) => self.inner.deserialize(&text, context).await,
            Some(Envelope::File { reference, digest }) => {
                let take = |content: String| check_digest(&content, &digest).map(|()| content);
                let content = self.content(&reference, take).await.map_err(|failure| of(context, failure))?;
                self.inner.deserialize(&content, context).await
            }
            Some(Envelope::Previous(previous)) => self.read_previous(previous, context).await,
        }
    }

    fn is_json(&self) -> bool {
        true
    }
}

fn of(context: SerdesContext<'_>, failure: Failure) -> BoxError {
    failure.of_operation(&context.operation_id())
}
