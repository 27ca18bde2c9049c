//! What the service told so far, which each later process must tell again.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};

use crate::job::Job;
use crate::log::Log;
use crate::service::{Client, execution, pause};
use crate::verdict::check_acknowledged;

/// Executions that are asked for at the same time.
const AT_ONCE: usize = 16;

const INVOKE: &str = "/2015-03-31/functions/mixed/invocations?Qualifier=%24LATEST";

/// An execution that was started, and what was told of it last.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) job: Job,
    pub(crate) arn: String,
    input: String,
    pub(crate) history: Vec<Value>,
    /// What it is described as; null if nobody asked.
    pub(crate) standing: Value,
}

impl Execution {
    pub(crate) fn has_ended(&self) -> bool {
        !self.standing["EndTimestamp"].is_null()
    }

    /// Asks again; panics if something is gone or has changed that was told before.
    async fn ask_again(&mut self, client: &Client, log: &Log) {
        // What is told of its standing first stands in the history that is read next.
        let standing = client.read(&execution(&self.arn)).await;
        let history = client.history(&self.arn).await;
        let id = &self.job.id;
        let known = self.history.iter().zip(&history).take_while(|(before, now)| before == now).count();
        assert!(
            known == self.history.len(),
            "{id}: event {} was told as {}, and now as {:?}",
            known + 1,
            self.history[known],
            history.get(known)
        );
        assert!(!self.has_ended() || standing == self.standing, "{id}: {} became {standing}", self.standing);
        check_acknowledged(&self.job, &history, log);
        (self.standing, self.history) = (standing, history);
    }
}

/// The executions that were started, shared by those who start them.
#[derive(Clone, Default)]
pub(crate) struct Acknowledged(Arc<Mutex<Vec<Execution>>>);

impl Acknowledged {
    /// Starts an execution; again under the same name, until somebody acknowledges it.
    pub(crate) async fn start(&self, job: Job, input: String, client: Client) {
        loop {
            if let Some((status, arn)) = invoke(&client, &job.id, &input).await {
                assert_eq!(status, 202, "{}", job.id);
                let execution =
                    Execution { job, arn: arn.unwrap(), input, history: Vec::new(), standing: json!(null) };
                return self.with(|executions| executions.push(execution));
            }
            pause().await;
        }
    }

    /// Asks for everything again that was told, and gives it as it stands now.
    pub(crate) async fn ask_again(&self, client: &Client, log: &Log) -> Vec<Execution> {
        let mut executions = self.with(|executions| executions.clone());
        for some in executions.chunks_mut(AT_ONCE) {
            join_all(some.iter_mut().map(|execution| execution.ask_again(client, log))).await;
        }
        // Others were added behind them meanwhile.
        self.with(|known| known[..executions.len()].clone_from_slice(&executions));
        executions
    }

    /// Each name still belongs to its execution, and to no other input.
    pub(crate) async fn start_again(&self, client: &Client) {
        let executions = self.with(|executions| executions.clone());
        for Execution { job, arn, input, .. } in executions {
            let again = invoke(client, &job.id, &input).await;
            assert_eq!(again, Some((202, Some(arn))), "{}", job.id);
            let other = invoke(client, &job.id, "{}").await;
            assert!(matches!(other, Some((409, _))), "{}: {other:?}", job.id);
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<Execution>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The status and the ARN that an execution of this name is started with, if the service lives to tell.
async fn invoke(client: &Client, name: &str, input: &str) -> Option<(u16, Option<String>)> {
    let headers = [("x-amz-invocation-type", "Event"), ("x-amz-durable-execution-name", name)];
    let answer = client.send(Method::POST, INVOKE, &headers, input.to_owned()).await?;
    let arn = answer.headers().get("x-amz-durable-execution-arn").map(|arn| arn.to_str().unwrap().to_owned());
    Some((answer.status().as_u16(), arn))
}
