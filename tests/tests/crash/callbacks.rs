//! Answers every callback that functions tell of, until the answer is acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::PathBuf;

use bytes::Bytes;
use durable_tests::serving::segment;
use hyper::{Method, Response};

use crate::service::{Client, pause};

/// Answers callbacks.
pub(crate) struct Callbacks {
    folder: PathBuf,
    client: Client,
    next_answer: u64,
    /// What a callback was sent, if nobody knows whether it took that.
    lost: BTreeMap<String, BTreeSet<u64>>,
    /// What a callback took: one of these.
    taken: BTreeMap<String, BTreeSet<u64>>,
}

impl Callbacks {
    pub(crate) fn new(folder: PathBuf, client: Client) -> Self {
        Self { folder, client, next_answer: 1_000, lost: BTreeMap::new(), taken: BTreeMap::new() }
    }

    pub(crate) fn count(&self) -> usize {
        self.taken.len()
    }

    /// Whether a callback took this answer, as far as is known.
    pub(crate) fn took(&self, callback: &str, answer: u64) -> bool {
        self.taken.get(callback).is_some_and(|answers| answers.contains(&answer))
    }

    /// Answers them as they come, for ever, and tries to answer them again.
    pub(crate) async fn serve(&mut self) -> Infallible {
        let mut again = 0;
        loop {
            for callback in self.told() {
                self.answer(callback).await;
            }
            if let Some(callback) = self.taken.keys().cycle().nth(again).cloned() {
                self.answer_again(&callback).await;
            }
            again = (again + 1) % self.taken.len().max(1);
            pause().await;
        }
    }

    /// Callbacks that wait for an answer.
    fn told(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with(".new") && !self.taken.contains_key(name)).collect()
    }

    async fn answer(&mut self, callback: String) {
        // Each answer is another number, so that the result tells which was taken.
        self.next_answer += 1;
        let answer = self.next_answer;
        self.lost.entry(callback.clone()).or_default().insert(answer);
        let Some(response) = self.send(&callback, answer).await else { return };
        let lost = self.lost.entry(callback.clone()).or_default();
        if response.status().is_success() {
            // An answer that was lost had no effect, or this one would have been refused.
            self.taken.insert(callback, BTreeSet::from([answer]));
        } else {
            lost.remove(&answer);
            assert!(response.status().is_client_error() && !lost.is_empty(), "{callback}: {response:?}");
            self.taken.insert(callback, lost.clone());
        }
    }

    /// Answers a callback that took an answer, which no service may have forgotten.
    async fn answer_again(&self, callback: &str) {
        if let Some(response) = self.send(callback, 0).await {
            let error_type = response.headers().get("x-amzn-errortype").map(|value| value.to_str().unwrap());
            assert_eq!(error_type, Some("CallbackTimeoutException"), "{callback}: {response:?}");
        }
    }

    async fn send(&self, callback: &str, answer: u64) -> Option<Response<Bytes>> {
        let id = std::fs::read_to_string(self.folder.join(callback)).unwrap();
        let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", segment(&id));
        self.client.send(Method::POST, &path, &[], answer.to_string()).await
    }
}
