//! Lookup of functions, which may be added or removed at any time.

use std::collections::BTreeMap;

use crate::function_description::FunctionDescription;

/// Looks up functions.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use durable_service::{FunctionCatalog, FunctionDescription, FunctionKind};
///
/// let mut functions = BTreeMap::new();
/// functions.insert("ship".to_owned(), FunctionDescription::new(FunctionKind::Durable));
///
/// assert_eq!(functions.find("ship").unwrap().kind, FunctionKind::Durable);
/// assert!(FunctionCatalog::find(&functions, "pay").is_none());
/// ```
pub trait FunctionCatalog {
    /// Returns the function with this name, if it exists.
    fn find(&self, name: &str) -> Option<FunctionDescription>;
}

impl FunctionCatalog for BTreeMap<String, FunctionDescription> {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        self.get(name).cloned()
    }
}
