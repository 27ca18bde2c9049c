//! Runs one requirement: starts nothing, but acts from outside, watches and checks.

use std::time::Duration;

use serde_json::Value;

use super::actions::{Actions, payload};
use super::check::check;
use super::failure::Failure;
use super::history::match_history;
use super::requirement::{CallbackAction, CallbackOperation, Requirement};
use super::stage::{OnStage, Sent};
use super::variables::Variables;

/// Carries an execution that has started on until it can be checked, and checks it. Returns the variables with those
/// that its history binds.
pub(crate) async fn drive(
    requirement: &Requirement,
    mut variables: Variables,
    stage: &mut impl OnStage,
) -> Result<Variables, Failure> {
    if requirement.async_invoke {
        poll(requirement, &variables, stage).await?;
    } else {
        stage.end().await?;
    }
    check(requirement, &mut variables, stage).await?;
    Ok(variables)
}

/// Looks at the execution from time to time and does what is to be done from outside.
async fn poll(
    requirement: &Requirement,
    variables: &Variables,
    stage: &mut impl OnStage,
) -> Result<(), Failure> {
    let substituted = |action: &CallbackAction| CallbackAction {
        callback_name: variables.substitute_text(&action.callback_name),
        payload: action.payload.as_ref().map(|payload| variables.substitute(payload)),
        ..action.clone()
    };
    let mut actions = Actions::new(requirement.callback_actions.iter().map(substituted).collect());
    let interval = Duration::from_secs(requirement.async_config.poll_interval_seconds);
    let patience = Duration::from_secs(requirement.async_config.no_progress_timeout_seconds);
    let (mut known, mut idle) = (0, Duration::ZERO);
    loop {
        stage.pass(interval).await?;
        let history = stage.history().await?;
        if history.iter().rev().any(ends_execution) || is_enough(requirement, variables, &history) {
            return Ok(());
        }
        idle = if history.len() > known { Duration::ZERO } else { idle.saturating_add(interval) };
        known = history.len();
        if idle > patience {
            return Err(Failure::new(format!("nothing has happened for {} s", idle.as_secs())));
        }
        for due in actions.due(&history)? {
            let delay = Duration::try_from_secs_f64(due.action.delay);
            stage.pass(delay.map_err(|error| Failure::of("the delay of an action", &error))?).await?;
            stage.send(&due.callback_id, sent(&due.action)?).await?;
        }
    }
}

/// Whether the requirement says nothing of the end, and all that it says is true already.
fn is_enough(requirement: &Requirement, variables: &Variables, history: &[Value]) -> bool {
    requirement.expected_result.is_none()
        && match_history(&requirement.expected_execution_history, history, &mut variables.clone()).is_ok()
}

fn ends_execution(event: &Value) -> bool {
    let ends = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionStopped"];
    event.get("EventType").and_then(Value::as_str).is_some_and(|event_type| ends.contains(&event_type))
}

fn sent(action: &CallbackAction) -> Result<Sent, Failure> {
    Ok(match action.operation {
        CallbackOperation::Success => Sent::Success(action.payload.as_ref().map(payload).transpose()?),
        CallbackOperation::Failure => {
            let member = |key: &str| Some(action.payload.as_ref()?.get(key)?.as_str()?.to_owned());
            Sent::Failure { error_type: member("ErrorType"), message: member("ErrorMessage") }
        }
        CallbackOperation::Heartbeat => Sent::Heartbeat,
    })
}
