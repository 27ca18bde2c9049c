//! Definitions of functions.

use std::sync::Arc;

use durable_service::{FunctionKind, FunctionVersions};
use durable_types::DurableConfig;

use crate::in_process::InProcessFunction;
use crate::remote::RemoteSettings;
use crate::settings::FunctionSettings;

/// A function and the way it runs.
#[derive(Clone)]
pub struct FunctionDefinition {
    /// Its name.
    pub name: String,
    /// The way it runs.
    pub code: FunctionCode,
    /// Whether a call starts an execution.
    pub kind: FunctionKind,
    /// The durable settings of its executions.
    pub durable_config: DurableConfig,
    /// Its versions and aliases.
    pub versions: FunctionVersions,
}

/// The way a function runs.
#[derive(Clone)]
pub enum FunctionCode {
    /// A program, as a process of its own.
    Process(FunctionSettings),
    /// A program that runs elsewhere, invoked over HTTP.
    Remote(RemoteSettings),
    /// Code in the process of the service.
    InProcess(Arc<dyn InProcessFunction>),
}

impl FunctionDefinition {
    /// Defines a durable function that runs as processes of a program.
    pub fn process(settings: FunctionSettings) -> Self {
        Self::new(settings.name.clone(), FunctionCode::Process(settings))
    }

    /// Defines a durable function that runs elsewhere.
    pub fn remote(name: impl Into<String>, settings: RemoteSettings) -> Self {
        Self::new(name.into(), FunctionCode::Remote(settings))
    }

    /// Defines a durable function that runs in the process of the service. Its invocations never time out.
    pub fn in_process(name: impl Into<String>, function: impl InProcessFunction) -> Self {
        Self::new(name.into(), FunctionCode::InProcess(Arc::new(function)))
    }

    /// Makes it a plain (non-durable) function: each call invokes it once, with the input, and returns its answer.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.kind = FunctionKind::Plain;
        self
    }

    /// Sets the durable settings of its executions.
    #[must_use]
    pub fn with_durable_config(mut self, durable_config: DurableConfig) -> Self {
        self.durable_config = durable_config;
        self
    }

    /// Sets its versions and aliases.
    #[must_use]
    pub fn with_versions(mut self, versions: FunctionVersions) -> Self {
        self.versions = versions;
        self
    }

    /// Returns whether the function runs as processes of the service.
    pub fn has_processes(&self) -> bool {
        match self.code {
            FunctionCode::Process(_) => true,
            FunctionCode::Remote(_) | FunctionCode::InProcess(_) => false,
        }
    }

    fn new(name: String, code: FunctionCode) -> Self {
        Self {
            name,
            code,
            kind: FunctionKind::Durable,
            durable_config: DurableConfig::default(),
            versions: FunctionVersions::default(),
        }
    }
}
