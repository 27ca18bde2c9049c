//! Who answers callbacks and calls, for executions over a network.

use std::collections::BTreeMap;

use durable_service::{CallbackAnswer, ChainedInvokeEnd, FunctionDescription, FunctionKind};
use durable_types::ErrorObject;

use crate::program::{Ending, Function};

/// Who answers callbacks and calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Others {
    /// All callbacks are answered together, when the execution is suspended, and calls add one or are refused.
    OfScenarios,
    /// Callbacks are answered as their names say, and the functions of random programs are called.
    OfPrograms,
}

impl Others {
    /// The functions that can be called.
    pub(super) fn functions(self) -> BTreeMap<String, FunctionDescription> {
        let names = match self {
            Self::OfScenarios => vec!["add", "refuse"],
            Self::OfPrograms => vec!["double", "broken", "next", "sour"],
        };
        let plain = || FunctionDescription::new(FunctionKind::Plain);
        names.into_iter().map(|name| (name.to_owned(), plain())).collect()
    }

    /// What is said of a callback with this name, if it is answered at all.
    pub(super) fn answer(self, name: &str) -> Option<CallbackAnswer> {
        match self {
            Self::OfScenarios => Some(CallbackAnswer::Succeeded(Some("1".to_owned()))),
            Self::OfPrograms => match Ending::of(name).expect("callbacks say how they end") {
                Ending::Succeeds => Some(CallbackAnswer::Succeeded(Some("\"answer\"".to_owned()))),
                Ending::Fails => Some(CallbackAnswer::Failed(Some(ErrorObject::new("Refused", "refused")))),
                Ending::TimesOut | Ending::HasNoHeartbeat => None,
            },
        }
    }

    /// How a call of a function ends.
    pub(super) fn call(self, function: &str, input: &str) -> ChainedInvokeEnd {
        let number = || serde_json::from_str::<u32>(input).unwrap();
        let called = match (self, function) {
            (Self::OfScenarios, "add") => Ok(number() + 1),
            (Self::OfScenarios, _) => Err(input.to_owned()),
            (Self::OfPrograms, _) => {
                let functions = [Function::Double, Function::Broken, Function::Next, Function::Sour];
                let called = functions.into_iter().find(|it| it.name().split(':').next() == Some(function));
                called.unwrap().call(number()).map_err(str::to_owned)
            }
        };
        match called {
            Ok(result) => ChainedInvokeEnd::Succeeded(Some(result.to_string())),
            Err(message) => ChainedInvokeEnd::Failed(ErrorObject::new("Error", message)),
        }
    }
}
