//! The life cycle of a function's process.

use std::sync::Arc;

use bytes::Bytes;
use durable_types::{ErrorObject, Timestamp};
use tokio::sync::oneshot;

use super::invocation::Invocation;

/// The state of a process, changed by its requests to the Runtime API.
///
/// # Invariants
/// - A process has at most one invocation, from its assignment until its response.
/// - Every assignment receives exactly one [`Reply`].
#[derive(Debug)]
pub(super) enum Phase {
    /// Started, and has not requested an invocation yet.
    Starting { failure: Option<ErrorObject> },
    /// Waiting for an invocation.
    Ready,
    /// An invocation is assigned, and not fetched yet.
    Assigned(Assignment),
    /// Running an invocation.
    Running { request_id: String, reply: oneshot::Sender<Reply> },
    /// Responded, and has not requested the next invocation yet.
    Answered,
    /// Receives no more invocations, and is about to be killed.
    Retired,
    /// Exited.
    Exited(Exit),
}

/// An invocation assigned to a process.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) delivery: Delivery,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// The invocation as a process fetches it.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) invocation: Arc<Invocation>,
    pub(super) deadline: Timestamp,
}

/// The outcome of an assignment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The function responded.
    Answered(Result<Bytes, ErrorObject>),
    /// The process exited before it fetched the invocation.
    NotFetched(Exit),
    /// The process exited before it responded.
    Exited(Exit),
}

/// The way in which a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It ran, and exited for this cause.
    Ended { cause: String },
    /// It reported why it cannot start, and exited or is about to.
    Unusable(ErrorObject),
    /// Its launcher could not be started, or its Runtime API could not be served.
    NotStarted { cause: String },
}

/// A request that the protocol does not permit in the current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProtocolViolation {
    /// The request id is not that of the running invocation.
    WrongRequestId,
    /// The request is not permitted in the current phase.
    WrongPhase,
}

impl Phase {
    pub(super) fn started() -> Self {
        Self::Starting { failure: None }
    }

    /// Handles a request for the next invocation.
    pub(super) fn handle_next(&mut self) -> Result<(), ProtocolViolation> {
        match self {
            Self::Starting { .. } | Self::Answered => {
                *self = Self::Ready;
                Ok(())
            }
            // A process may repeat the request after its connection broke.
            Self::Ready | Self::Assigned(_) | Self::Retired => Ok(()),
            Self::Running { .. } | Self::Exited(_) => Err(ProtocolViolation::WrongPhase),
        }
    }

    /// Assigns an invocation to the process, or returns it if the process is not ready.
    pub(super) fn handle_assigned(&mut self, assignment: Assignment) -> Result<(), Assignment> {
        match self {
            Self::Ready => {
                *self = Self::Assigned(assignment);
                Ok(())
            }
            Self::Starting { .. }
            | Self::Assigned(_)
            | Self::Running { .. }
            | Self::Answered
            | Self::Retired
            | Self::Exited(_) => Err(assignment),
        }
    }

    /// Delivers the assigned invocation to the process, if there is one.
    pub(super) fn poll_delivery(&mut self) -> Result<Option<Delivery>, ProtocolViolation> {
        match std::mem::replace(self, Self::Answered) {
            Self::Assigned(Assignment { delivery, reply }) => {
                *self = Self::Running { request_id: delivery.invocation.request_id.clone(), reply };
                Ok(Some(delivery))
            }
            waiting @ (Self::Ready | Self::Retired) => {
                *self = waiting;
                Ok(None)
            }
            other => {
                *self = other;
                Err(ProtocolViolation::WrongPhase)
            }
        }
    }

    /// Handles the response to an invocation.
    pub(super) fn handle_answer(
        &mut self,
        request_id: &str,
        answer: Result<Bytes, ErrorObject>,
    ) -> Result<(), ProtocolViolation> {
        match std::mem::replace(self, Self::Answered) {
            Self::Running { request_id: running, reply } if running == request_id => {
                // The caller may have given up, in which case the response is discarded.
                let _ = reply.send(Reply::Answered(answer));
                Ok(())
            }
            running @ Self::Running { .. } => {
                *self = running;
                Err(ProtocolViolation::WrongRequestId)
            }
            other => {
                *self = other;
                Err(ProtocolViolation::WrongPhase)
            }
        }
    }

    /// Handles a report that the process cannot start.
    pub(super) fn handle_init_failed(&mut self, error: ErrorObject) -> Result<(), ProtocolViolation> {
        match self {
            Self::Starting { failure } => {
                *failure = Some(error);
                Ok(())
            }
            Self::Ready
            | Self::Assigned(_)
            | Self::Running { .. }
            | Self::Answered
            | Self::Retired
            | Self::Exited(_) => Err(ProtocolViolation::WrongPhase),
        }
    }

    /// Handles the exit of the process.
    pub(super) fn handle_exited(&mut self, exit: Exit) {
        let (exit, reply) = match std::mem::replace(self, Self::Answered) {
            Self::Starting { failure: Some(error) } => (Exit::Unusable(error), None),
            Self::Starting { failure: None } | Self::Ready | Self::Answered | Self::Retired => (exit, None),
            Self::Assigned(Assignment { reply, .. }) => {
                (exit.clone(), Some((reply, Reply::NotFetched(exit))))
            }
            Self::Running { reply, .. } => (exit.clone(), Some((reply, Reply::Exited(exit)))),
            Self::Exited(first) => (first, None),
        };
        *self = Self::Exited(exit);
        if let Some((to, reply)) = reply {
            let _ = to.send(reply);
        }
    }

    /// Returns whether the process can be assigned an invocation, or never will.
    pub(super) fn is_settled(&self) -> bool {
        match self {
            Self::Starting { failure } => failure.is_some(),
            Self::Answered => false,
            Self::Ready | Self::Assigned(_) | Self::Running { .. } | Self::Retired | Self::Exited(_) => true,
        }
    }

    /// Returns whether the process requested an invocation and none is assigned.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Self::Ready | Self::Retired)
    }

    /// Stops assigning invocations to an idle process. Returns `false`, and has no effect, in any other phase.
    pub(super) fn retire(&mut self) -> bool {
        match self {
            Self::Ready => {
                *self = Self::Retired;
                true
            }
            Self::Starting { .. }
            | Self::Assigned(_)
            | Self::Running { .. }
            | Self::Answered
            | Self::Retired
            | Self::Exited(_) => false,
        }
    }

    /// Returns whether the process may take another invocation, now or later.
    pub(super) fn is_live(&self) -> bool {
        match self {
            Self::Starting { .. }
            | Self::Ready
            | Self::Assigned(_)
            | Self::Running { .. }
            | Self::Answered => true,
            Self::Retired | Self::Exited(_) => false,
        }
    }

    /// Returns how the process ended, if it has.
    pub(super) fn exit(&self) -> Option<&Exit> {
        match self {
            Self::Exited(exit) => Some(exit),
            Self::Starting { .. }
            | Self::Ready
            | Self::Assigned(_)
            | Self::Running { .. }
            | Self::Answered
            | Self::Retired => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(request_id: &str) -> (Assignment, oneshot::Receiver<Reply>) {
        let (reply, receiver) = oneshot::channel();
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            function_arn: "arn".to_owned(),
            trace_id: None,
            tenant_id: None,
            client_context: None,
            execution_arn: None,
            event: Bytes::from_static(b"{}"),
        };
        let delivery = Delivery { invocation: Arc::new(invocation), deadline: Timestamp::EPOCH };
        (Assignment { delivery, reply }, receiver)
    }

    /// Returns a process that runs invocation `r-1`.
    fn running() -> (Phase, oneshot::Receiver<Reply>) {
        let mut phase = Phase::started();
        let (assignment, receiver) = assignment("r-1");
        phase.handle_next().unwrap();
        phase.handle_assigned(assignment).unwrap();
        assert!(phase.poll_delivery().unwrap().is_some());
        (phase, receiver)
    }

    fn killed() -> Exit {
        Exit::Ended { cause: "killed".to_owned() }
    }

    #[test]
    fn a_process_serves_one_invocation_after_another() {
        let (mut phase, mut first) = running();

        phase.handle_answer("r-1", Ok(Bytes::from_static(b"1"))).unwrap();
        let (assignment, _second) = assignment("r-2");
        let too_early = phase.handle_assigned(assignment).unwrap_err();
        phase.handle_next().unwrap();
        phase.handle_assigned(too_early).unwrap();

        assert_eq!(first.try_recv(), Ok(Reply::Answered(Ok(Bytes::from_static(b"1")))));
        assert_eq!(phase.poll_delivery().unwrap().unwrap().invocation.request_id, "r-2");
    }

    #[test]
    fn an_answer_to_another_invocation_is_refused_and_changes_nothing() {
        let (mut phase, mut reply) = running();

        assert_eq!(phase.handle_answer("r-2", Ok(Bytes::new())), Err(ProtocolViolation::WrongRequestId));

        assert!(reply.try_recv().is_err());
        phase.handle_answer("r-1", Ok(Bytes::new())).unwrap();
        assert_eq!(phase.handle_answer("r-1", Ok(Bytes::new())), Err(ProtocolViolation::WrongPhase));
    }

    #[test]
    fn a_process_that_works_gets_nothing_more() {
        let (mut phase, _reply) = running();

        assert_eq!(phase.handle_next(), Err(ProtocolViolation::WrongPhase));
        assert!(matches!(phase.poll_delivery(), Err(ProtocolViolation::WrongPhase)));
        assert!(phase.handle_assigned(assignment("r-2").0).is_err());
        assert_eq!(phase.handle_init_failed(ErrorObject::default()), Err(ProtocolViolation::WrongPhase));
    }

    #[test]
    fn an_invocation_is_told_whether_the_process_had_fetched_it_when_it_ended() {
        let mut unfetched = Phase::Ready;
        let (assignment, mut unfetched_reply) = assignment("r-1");
        unfetched.handle_assigned(assignment).unwrap();
        let (mut fetched, mut fetched_reply) = running();

        unfetched.handle_exited(killed());
        fetched.handle_exited(killed());

        assert_eq!(unfetched_reply.try_recv(), Ok(Reply::NotFetched(killed())));
        assert_eq!(fetched_reply.try_recv(), Ok(Reply::Exited(killed())));
        assert_eq!(fetched.handle_next(), Err(ProtocolViolation::WrongPhase));
    }

    #[test]
    fn what_a_process_said_about_its_start_outweighs_how_it_ended() {
        let mut phase = Phase::started();
        let error = ErrorObject::new("Config", "no table");

        phase.handle_init_failed(error.clone()).unwrap();
        let settled = phase.is_settled();
        phase.handle_exited(killed());

        assert!(settled);
        assert_eq!(phase.exit(), Some(&Exit::Unusable(error)));
    }

    #[test]
    fn a_process_is_retired_only_while_it_waits_and_then_gets_nothing_more() {
        let (mut busy, _reply) = running();
        let mut idle = Phase::Ready;

        assert!(!busy.retire());
        assert!(idle.retire());

        assert!(busy.is_live() && !idle.is_live());
        assert!(idle.handle_assigned(assignment("r-1").0).is_err());
        assert!(matches!(idle.poll_delivery(), Ok(None)), "it waits until it is killed");
        assert!(!Phase::started().retire());
    }

    #[test]
    fn a_process_whose_connection_broke_may_ask_again() {
        let mut phase = Phase::started();
        phase.handle_next().unwrap();

        phase.handle_next().unwrap();

        assert!(phase.is_ready());
        assert!(matches!(phase.poll_delivery(), Ok(None)));
    }
}
