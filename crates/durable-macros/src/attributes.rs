//! Distributes the attributes of a function over the items generated from it.

use syn::Attribute;

/// The attributes of the function, by the items to which they apply.
#[derive(Default)]
pub(crate) struct Attributes<'a> {
    /// `cfg` attributes, which apply to all items.
    pub(crate) everywhere: Vec<&'a Attribute>,
    /// Attributes for callers: documentation, deprecation.
    pub(crate) wrapper: Vec<&'a Attribute>,
    /// Attributes of the code: lint levels, instrumentation, inlining.
    pub(crate) body: Vec<&'a Attribute>,
}

impl<'a> Attributes<'a> {
    /// Sorts the attributes.
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
                // An `expect` that the wrapper does not fulfil would be reported there.
                if is_one_of(&["allow", "warn", "deny", "forbid"]) {
                    sorted.wrapper.push(attribute);
                }
                sorted.body.push(attribute);
            }
        }
        sorted
    }
}
