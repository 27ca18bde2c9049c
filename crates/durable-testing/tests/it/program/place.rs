//! Where in a program a part stands.

/// Where in a program a part stands: the whole way, for what it tells, and the last bit, for names.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    path: String,
    name: String,
}

impl Place {
    /// The place of the whole program.
    pub(crate) fn root() -> Self {
        Self { path: "p".to_owned(), name: "p".to_owned() }
    }

    /// The place of a part within the same context.
    pub(crate) fn at(&self, index: usize) -> Self {
        Self { path: format!("{}.{index}", self.path), name: format!("{}.{index}", self.name) }
    }

    /// The place of one of several parts within the same context, whose operations have the same names.
    pub(crate) fn alike(&self, index: usize) -> Self {
        Self { path: format!("{}.{index}", self.path), name: format!("{}.x", self.name) }
    }

    /// The place of a part within a context inside; names begin anew.
    pub(crate) fn inside(&self, index: usize) -> Self {
        Self { path: format!("{}/{index}", self.path), name: "c".to_owned() }
    }

    /// The name of the operation here.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// What tells one part of a program from all others.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}
