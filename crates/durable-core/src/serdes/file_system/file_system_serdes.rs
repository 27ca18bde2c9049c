//! Values in files, with a record that says which.

use std::path::PathBuf;

use durable_types::limits::MAX_CONTEXT_RESULT_BYTES;
use serde_json::value::RawValue;

use super::envelope::{Envelope, read_content, write_content};
use super::failure::Failure;
use super::folder::Folder;
use super::reference::Reference;
use crate::{BoxError, DeserializeValue, Json, Serdes, SerdesContext, SerializeValue, TextOrigin};

/// The most that is recorded itself: what a record may hold before a context is replayed for its result, with room for
/// what stands around it.
const THRESHOLD: usize = MAX_CONTEXT_RESULT_BYTES - 1_024;

/// Keeps values in files, and records which file it is: for values that are too large for a checkpoint.
///
/// The folder must be one that every invocation of the function sees, such as an EFS mount. Never use `/tmp` on Lambda:
/// each sandbox has a `/tmp` of its own, so the next invocation may not find what this one wrote. The folder itself is
/// not created: a mount that failed must not be mistaken for an empty folder.
///
/// ```
/// use durable_core::{DurableContext, FileSystemSerdes, Result};
/// # async fn render() -> std::io::Result<String> { Ok(String::new()) }
///
/// async fn handler(_: (), ctx: DurableContext) -> Result<usize> {
///     let files = FileSystemSerdes::new("/mnt/durable").on_overflow();
///     let report = ctx.step("render", async |_| Ok(render().await?)).serdes(files).await?;
///     Ok(report.len())
/// }
/// ```
///
/// # Files
/// A value is in `function/execution name/execution id/operation-chance.json`, as JSON with a checksum. A file is
/// written once, whole and synced to disk, before the record that names it; it is never overwritten. So an attempt that
/// is repeated leaves the file of the attempt before behind, which no record names. Nothing is ever deleted: let files
/// expire when no execution that could read them is kept any more. Names that begin with a dot are of files that were
/// never finished.
///
/// As the [item serdes](crate::Map::item_serdes) of a map it gives each item a file, as its [serdes](crate::Map::serdes)
/// one to all together. The items of a [flat](crate::Map::flat) map are not recorded one by one: until the map is complete, each invocation
/// writes their files again.
///
/// # Trust
/// Files are read only where a record of this SDK says so. The answer of a callback and the result of a called function
/// are read as the [inner](Self::inner) serdes reads them, whatever they look like. A record that names a file outside of
/// the folder, by its path or by a link, is refused. A record that is refused, or whose file is missing or damaged, ends the execution with an error that names
/// file and operation. If the disk fails, the invocation ends and the service tries another one.
#[derive(Clone, Debug)]
pub struct FileSystemSerdes<S = Json> {
    folder: Folder,
    threshold: Option<usize>,
    inner: S,
}

impl FileSystemSerdes {
    /// Keeps every value in a file somewhere in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Folder::new(folder.into()), threshold: None, inner: Json }
    }
}

impl<S> FileSystemSerdes<S> {
    /// Keeps values in files only if they are too large for a record: over 255 KiB.
    pub fn on_overflow(self) -> Self {
        self.threshold(THRESHOLD)
    }

    /// Keeps values in files only if their record would take more than so many bytes.
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = Some(bytes);
        self
    }

    /// Writes the values with this serdes instead of as JSON, such as one that encrypts.
    pub fn inner<S2>(self, inner: S2) -> FileSystemSerdes<S2> {
        let Self { folder, threshold, inner: _ } = self;
        FileSystemSerdes { folder, threshold, inner }
    }

    async fn keep(&self, value: &RawValue, context: SerdesContext<'_>) -> Result<String, Failure> {
        // A value that is read at once and forgotten needs no file.
        let threshold = if context.is_recorded() { self.threshold } else { Some(usize::MAX) };
        if let Some(threshold) = threshold {
            let record = Envelope::Inline(value).write()?;
            if record.len() <= threshold {
                return Ok(record);
            }
        }
        let reference = Reference::unique(context);
        self.folder.write(&reference, &write_content(value)?).await?;
        Envelope::File(reference).write()
    }

    async fn read<T>(&self, value: &RawValue, context: SerdesContext<'_>) -> Result<T, BoxError>
    where
        S: Serdes<T>,
    {
        if self.inner.is_json() {
            return self.inner.deserialize(value.get(), context).await;
        }
        let text: String = serde_json::from_str(value.get())?;
        self.inner.deserialize(&text, context).await
    }
}

impl<T: Sync, S: Serdes<T>> SerializeValue<T> for FileSystemSerdes<S> {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let text = self.inner.serialize(value, context).await?;
        let json = if self.inner.is_json() { text } else { serde_json::to_string(&text)? };
        let value = serde_json::from_str(&json).map_err(|error| {
            Failure::because("the inner serdes did not write the JSON it promised", error)
        })?;
        self.keep(value, context).await.map_err(|failure| of(context, failure))
    }
}

impl<T: Sync, S: Serdes<T>> DeserializeValue<T> for FileSystemSerdes<S> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        match context.origin() {
            TextOrigin::Record => {}
            TextOrigin::External => return self.inner.deserialize(text, context).await,
        }
        match Envelope::read(text).map_err(|failure| of(context, failure))? {
            Envelope::Inline(value) => self.read(value, context).await,
            Envelope::File(reference) => {
                let content = self.folder.read(&reference).await.map_err(|failure| of(context, failure))?;
                let damaged = |failure| {
                    of(context, Failure::because(format!("the file `{reference}` cannot be used"), failure))
                };
                self.read(read_content(&content).map_err(damaged)?, context).await
            }
        }
    }

    fn is_json(&self) -> bool {
        true
    }
}

fn of(context: SerdesContext<'_>, failure: Failure) -> BoxError {
    failure.of_operation(&context.operation_id())
}
