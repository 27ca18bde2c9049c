//! The part of the service that counts: checkpoints are recorded once, by client token.

use std::collections::HashMap;

use serde_json::json;

use crate::fake_service::{Answer, Request};

/// An execution with the updates recorded so far.
pub(crate) struct Ledger {
    pub(crate) recorded: Vec<String>,
    /// The number of the checkpoint token that is valid.
    sequence: usize,
    answers: HashMap<String, String>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { recorded: Vec::new(), sequence: 0, answers: HashMap::new() }
    }

    /// Records a checkpoint as the service does. A request that was recorded before gets the same answer again.
    pub(crate) fn record(&mut self, request: &Request) -> Answer {
        let client_token = request.client_token().to_owned();
        assert!(!client_token.is_empty());
        if let Some(body) = self.answers.get(&client_token) {
            return Answer::ok(body.clone());
        }
        if request.body["CheckpointToken"].as_str() != Some(&self.sequence.to_string()) {
            let stale = r#"{"message": "Invalid checkpoint token"}"#;
            return Answer::error(400, "InvalidParameterValueException", stale);
        }
        let updates = request.body["Updates"].as_array().into_iter().flatten();
        self.recorded.extend(updates.map(|update| update["Id"].as_str().unwrap().to_owned()));
        self.sequence += 1;
        let body =
            json!({"CheckpointToken": self.sequence.to_string(), "NewExecutionState": {"Operations": []}});
        self.answers.insert(client_token, body.to_string());
        Answer::ok(body.to_string())
    }
}
