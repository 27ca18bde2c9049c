//! The preview of a value, shown in the record of its file.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::failure::Failure;
use crate::serdes::context::SerdesContext;

/// A function that derives the preview of a value.
#[derive(Clone)]
pub(super) struct Preview(Arc<Function>);

type Function = dyn Fn(&Value, SerdesContext<'_>) -> serde_json::Result<Value> + Send + Sync;

impl Preview {
    pub(super) fn new<R: Serialize>(
        preview: impl Fn(&Value, SerdesContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |value, context| serde_json::to_value(preview(value, context))))
    }

    /// Returns the preview of a value, given its text.
    pub(super) fn of(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        match (self.0)(&value, context) {
            Ok(Value::Object(preview)) => Ok(Some(preview)),
            Ok(Value::Null) => Ok(None),
            Ok(_) => Err(Failure::new("its preview is not a JSON object")),
            Err(error) => Err(Failure::because("its preview cannot be written as JSON", error)),
        }
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preview(..)")
    }
}
