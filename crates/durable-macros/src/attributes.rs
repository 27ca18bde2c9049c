//! Which of the items that a function becomes gets which of its attributes.

use syn::Attribute;

/// The attributes of the function, by where they belong.
#[derive(Default)]
pub(crate) struct Attributes<'a> {
    /// Conditions, which hold for all items.
    pub(crate) everywhere: Vec<&'a Attribute>,
    /// What is said to callers: docs, deprecation.
    pub(crate) wrapper: Vec<&'a Attribute>,
    /// What is said of the code: lint levels, instrumentation, inlining.
    pub(crate) body: Vec<&'a Attribute>,
}

impl<'a> Attributes<'a> {
    /// Sorts attributes.
    pub(crate) fn sort(attributes: &'a [Attribute]) -> Self {
        let mut sorted = Self::default();
        for attribute in attributes {
            let path = attribute.path();
            let is_one_of = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
            if is_one_of(&["cfg", "cfg_attr"]) {
                sorted.everywhere.push(attribute);
            } else if is_one_of(&["doc", "deprecated", "must_use"]) {
                sorted.wrapper.push(attribute);
            } else {
                // An `expect` that nothing in the wrapper fulfils would itself be reported there.
                if is_one_of(&["allow", "warn", "deny", "forbid"]) {
                    sorted.wrapper.push(attribute);
                }
                sorted.body.push(attribute);
            }
        }
        sorted
    }
}
