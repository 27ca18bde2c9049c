//! The metrics of all functions, by name.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::function_families::FunctionFamilies;
use super::function_metrics::FunctionMetrics;

/// The label of functions without metrics of their own. No function can have this name.
const OTHER: &str = "(other)";

/// The maximum number of functions with metrics of their own, counting those that were removed.
const MAX_FUNCTIONS: usize = 1_000;

/// The metrics of functions, by name.
///
/// # Invariants
/// - Only functions that the service was configured with have labels of their own. Names that callers choose, such as
///   those of functions at endpoints, share one label, so that callers cannot create time series.
#[derive(Debug)]
pub(crate) struct FunctionsByName {
    families: FunctionFamilies,
    by_name: HashMap<String, Arc<FunctionMetrics>>,
    other: Arc<FunctionMetrics>,
}

impl FunctionsByName {
    pub(super) fn new(families: FunctionFamilies) -> Self {
        let other = Arc::new(families.of(OTHER));
        Self { families, by_name: HashMap::new(), other }
    }

    /// Adds the functions with which the service is configured now. Earlier ones keep their counts.
    pub(crate) fn add(&mut self, names: BTreeSet<String>) {
        for name in names {
            if self.by_name.len() < MAX_FUNCTIONS && !self.by_name.contains_key(&name) {
                let metrics = Arc::new(self.families.of(&name));
                self.by_name.insert(name, metrics);
            }
        }
    }

    /// Returns the metrics of a function.
    pub(crate) fn of(&self, name: &str) -> &Arc<FunctionMetrics> {
        self.by_name.get(name).unwrap_or(&self.other)
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    fn labels(functions: &FunctionsByName) -> BTreeSet<String> {
        let mut registry = Registry::default();
        functions.families.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let label = |line: &str| Some(line.split_once("function=\"")?.1.split_once('"')?.0.to_owned());
        text.lines().filter_map(label).collect()
    }

    #[test]
    fn names_that_callers_choose_share_a_label() {
        let mut functions = FunctionsByName::new(FunctionFamilies::default());
        functions.add(BTreeSet::from(["order".to_owned()]));

        functions.of("order").handle_started();
        (0..100).for_each(|index| functions.of(&format!("guest-{index}")).handle_started());

        assert_eq!(labels(&functions), BTreeSet::from([OTHER.to_owned(), "order".to_owned()]));
    }

    #[test]
    fn functions_beyond_a_limit_share_a_label() {
        let mut functions = FunctionsByName::new(FunctionFamilies::default());

        functions.add((0..2 * MAX_FUNCTIONS).map(|index| format!("f{index}")).collect());

        assert_eq!(labels(&functions).len(), MAX_FUNCTIONS + 1);
    }
}
