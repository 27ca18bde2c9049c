//! Functions that no settings name: requests say where they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::function::RunningFunction;
use super::output_tails::OutputTails;
use crate::function::{Endpoint, RemoteSettings};

/// Functions that no settings name: requests say where they are.
pub(crate) struct Elsewhere {
    tails: OutputTails,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// Where the functions are whose executions are started without saying it.
    usual: Option<String>,
    /// Those in use, by their addresses. One function takes one invocation at a time, whichever execution it is for.
    running: HashMap<String, Weak<RunningFunction>>,
}

impl Elsewhere {
    pub(super) fn new(tails: OutputTails) -> Self {
        Self { tails, told: Mutex::default() }
    }

    /// Says where functions are, from now on, if the start of an execution does not say it.
    pub(crate) fn set_usual(&self, service: &str) {
        self.with_told(|told| told.usual = Some(service.to_owned()));
    }

    /// The address of a function of this service, or of the usual one.
    pub(crate) fn address(&self, service: Option<&str>, function: &str) -> Option<String> {
        let usual = self.with_told(|told| told.usual.clone());
        let service = service.map(str::to_owned).or(usual)?;
        Some(format!("{}/2015-03-31/functions/{function}/invocations", service.trim_end_matches('/')))
    }

    /// The function at this address.
    ///
    /// # Errors
    /// When it is none; the text says what is expected.
    pub(super) fn at(&self, address: &str) -> Result<Arc<RunningFunction>, &'static str> {
        let endpoint = Endpoint::parse(address)?;
        Ok(self.with_told(|told| {
            told.running.retain(|_, function| function.strong_count() > 0);
            if let Some(function) = told.running.get(address).and_then(Weak::upgrade) {
                return function;
            }
            let settings = RemoteSettings::new(endpoint);
            let function = Arc::new(RunningFunction::remote(settings, self.tails.clone()));
            told.running.insert(address.to_owned(), Arc::downgrade(&function));
            function
        }))
    }

    fn with_told<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_where_its_start_says_or_else_at_the_usual_place() {
        let elsewhere = Elsewhere::new(OutputTails::default());
        let before = elsewhere.address(None, "order");

        elsewhere.set_usual("http://localhost:3001/");

        assert_eq!(before, None);
        let usual = "http://localhost:3001/2015-03-31/functions/order/invocations";
        assert_eq!(elsewhere.address(None, "order").as_deref(), Some(usual));
        let told = "http://localhost:9/2015-03-31/functions/order/invocations";
        assert_eq!(elsewhere.address(Some("http://localhost:9"), "order").as_deref(), Some(told));
    }

    #[test]
    fn executions_share_the_function_at_an_address_while_one_uses_it() {
        let elsewhere = Elsewhere::new(OutputTails::default());

        let function = elsewhere.at("http://localhost:1/a").unwrap();

        assert!(Arc::ptr_eq(&function, &elsewhere.at("http://localhost:1/a").unwrap()));
        assert!(!Arc::ptr_eq(&function, &elsewhere.at("http://localhost:1/b").unwrap()));
        drop(function);
        assert_eq!(elsewhere.with_told(|told| told.running["http://localhost:1/a"].strong_count()), 0);
    }
}
