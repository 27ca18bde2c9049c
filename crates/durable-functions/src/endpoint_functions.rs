//! Functions without a definition, whose endpoint is part of the request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use durable_host::clock::Clock;
use durable_host::endpoint::Endpoint;

use crate::output_tails::OutputTails;
use crate::remote::RemoteSettings;
use crate::running_function::RunningFunction;

/// Functions without a definition, by the URL of their endpoint.
///
/// A function takes one invocation at a time, across all executions that use it.
pub(crate) struct EndpointFunctions {
    tails: OutputTails,
    clock: Arc<dyn Clock>,
    in_use: Mutex<HashMap<String, Weak<RunningFunction>>>,
}

impl EndpointFunctions {
    pub(crate) fn new(tails: OutputTails, clock: Arc<dyn Clock>) -> Self {
        Self { tails, clock, in_use: Mutex::default() }
    }

    /// Returns the function at a URL.
    ///
    /// # Errors
    /// Returns an error if the URL is not a valid endpoint; the message states the expected form.
    pub(crate) fn at(&self, url: &str) -> Result<Arc<RunningFunction>, &'static str> {
        let endpoint = Endpoint::parse(url)?;
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|_, function| function.strong_count() > 0);
        if let Some(function) = in_use.get(url).and_then(Weak::upgrade) {
            return Ok(function);
        }
        let settings = RemoteSettings::new(endpoint);
        let function = RunningFunction::remote(settings, self.tails.clone(), Arc::clone(&self.clock));
        let function = Arc::new(function);
        in_use.insert(url.to_owned(), Arc::downgrade(&function));
        Ok(function)
    }
}

#[cfg(test)]
mod tests {
    use durable_host::clock::SystemClock;

    use super::*;

    #[test]
    fn executions_share_the_function_at_an_endpoint_while_one_uses_it() {
        let functions = EndpointFunctions::new(OutputTails::default(), Arc::new(SystemClock::default()));

        let function = functions.at("http://localhost:1/a").unwrap();

        assert!(Arc::ptr_eq(&function, &functions.at("http://localhost:1/a").unwrap()));
        assert!(!Arc::ptr_eq(&function, &functions.at("http://localhost:1/b").unwrap()));
        drop(function);
        assert_eq!(functions.in_use.lock().unwrap()["http://localhost:1/a"].strong_count(), 0);
    }
}
