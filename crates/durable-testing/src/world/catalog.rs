//! The functions that exist in a test.

use std::collections::BTreeMap;

use durable_service::{FunctionCatalog, FunctionDescription, FunctionKind};

/// The function under test, and the functions that it can call.
pub(super) struct Catalog {
    under_test: String,
    others: BTreeMap<String, FunctionDescription>,
}

impl Catalog {
    pub(super) fn new(under_test: String, others: BTreeMap<String, FunctionDescription>) -> Self {
        Self { under_test, others }
    }
}

impl FunctionCatalog for Catalog {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        let under_test =
            || (name == self.under_test).then(|| FunctionDescription::new(FunctionKind::Durable));
        self.others.find(name).or_else(under_test)
    }
}
