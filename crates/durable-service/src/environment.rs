//! The external inputs of every transition: settings, functions and time.

use durable_types::Timestamp;

use crate::function_catalog::FunctionCatalog;
use crate::settings::Settings;

/// The settings of the service, the functions that exist, and the time.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// The limits and delays of the service.
    pub settings: &'a Settings,
    /// The functions that exist.
    pub functions: &'a dyn FunctionCatalog,
    /// The current time.
    pub now: Timestamp,
}

impl<'a> Environment<'a> {
    /// Combines settings, functions and the time.
    pub fn new(settings: &'a Settings, functions: &'a dyn FunctionCatalog, now: Timestamp) -> Self {
        Self { settings, functions, now }
    }
}
