//! What decisions about an execution depend on besides the execution.

use crate::function_catalog::FunctionCatalog;
use crate::settings::Settings;

/// The settings of the service, and the functions that exist.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// The limits and delays of the service.
    pub settings: &'a Settings,
    /// The functions that exist.
    pub functions: &'a dyn FunctionCatalog,
}

impl<'a> Environment<'a> {
    /// Combines settings and functions.
    pub fn new(settings: &'a Settings, functions: &'a dyn FunctionCatalog) -> Self {
        Self { settings, functions }
    }
}
