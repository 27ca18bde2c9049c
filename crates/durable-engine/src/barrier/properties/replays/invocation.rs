//! The toy driver: one invocation of a program, over the barrier and the toy service.

use durable_types::Timestamp;

use super::outbox::Outgoing;
use super::place::Place;
use super::program::Program;
use super::service::{Service, Update};
use super::session::Session;
use super::task::Task;
use crate::barrier::Stalled;

/// The number of iterations of the driver after which the program counts as endless.
const MAX_TURNS: usize = 10_000;

/// How an invocation ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ending {
    Finished,
    /// It waits for something that the service reports at this time.
    Suspended(u64),
    /// It did not start, because the place of a late result has not been recorded.
    Undecided,
}

/// One invocation.
pub(super) struct Invocation<'s> {
    service: &'s mut Service,
    session: Session,
}

impl<'s> Invocation<'s> {
    /// Runs a program until it ends or suspends. It must see what was seen before, as far as that is recorded.
    pub(super) fn run(
        program: &Program,
        service: &'s mut Service,
        now: u64,
        seed: u64,
    ) -> Result<(Ending, u64), String> {
        let state = service.state(now);
        if !service.is_prompt() && service.is_undecided() {
            return Ok((Ending::Undecided, now));
        }
        let (expected, ended) = (service.seen(), service.ended_contexts());
        let mut session = Session::new(state, now, seed);
        let mut task = Task::begin(program, Place::default(), &mut session)?;
        let mut invocation = Self { service, session };
        let ending = invocation.drive(&mut task)?;
        let Session { log, now, .. } = invocation.session;
        let is_kept = |(path, _): &&(String, String)| {
            !ended.iter().any(|context| path.starts_with(&format!("{context}/")))
        };
        let expected: Vec<_> = expected.iter().filter(is_kept).collect();
        let seen: Vec<_> = log.iter().filter(is_kept).take(expected.len()).collect();
        if seen != expected {
            return Err(format!("saw {seen:?} after {expected:?}"));
        }
        Ok((ending, now))
    }

    fn drive(&mut self, task: &mut Task<'_>) -> Result<Ending, String> {
        let (mut is_woken, mut has_ended) = (true, false);
        for _ in 0..MAX_TURNS {
            while std::mem::take(&mut is_woken) && !has_ended {
                has_ended = task.poll(&mut self.session)?;
                is_woken = self.wake(task);
            }
            if !has_ended && self.advance() {
                is_woken = self.wake(task);
                continue;
            }
            if has_ended && self.session.is_replaying(None) {
                return Err("ended before everything recorded was claimed".to_owned());
            }
            if has_ended && self.session.outbox.is_idle() {
                return Ok(Ending::Finished);
            }
            let held_until = self.flush(has_ended);
            if let Some(next) = self.next_event(held_until) {
                self.handle_events(next);
            } else if let Some(ending) = self.rest()? {
                return Ok(ending);
            }
        }
        Err("never ends".to_owned())
    }

    /// Passes wakes to the handler. Returns whether any was for a part that it still has.
    fn wake(&mut self, task: &mut Task<'_>) -> bool {
        let mut is_woken = false;
        while let Some(key) = self.session.barrier.next_wake() {
            is_woken |= task.wake(key);
        }
        is_woken
    }

    /// Delivers or grants the next result.
    fn advance(&mut self) -> bool {
        if self.session.barrier.grant() {
            return true;
        }
        let Some(delivery) = self.session.barrier.deliver() else { return false };
        self.session.handle_delivered(delivery);
        true
    }

    /// Sends the queue if it may be sent now; otherwise returns until when it is held back.
    fn flush(&mut self, is_finishing: bool) -> Option<u64> {
        let Session { outbox, barrier, now, .. } = &mut self.session;
        match outbox.poll(*now, is_finishing, |result| barrier.is_tied(result)) {
            Outgoing::Nothing => None,
            Outgoing::HeldUntil(until) => Some(until),
            Outgoing::Send(batch) => {
                self.send(batch);
                None
            }
        }
    }

    fn send(&mut self, batch: Vec<Update>) {
        let Session { outbox, now, chance, .. } = &mut self.session;
        outbox.send(*now, batch, chance);
    }

    /// Returns when the next event happens that the invocation waits for.
    fn next_event(&self, held_until: Option<u64>) -> Option<u64> {
        let events = [self.session.next_end(), self.session.outbox.next_event(), held_until];
        events.into_iter().flatten().min()
    }

    fn handle_events(&mut self, at: u64) {
        self.session.now = self.session.now.max(at);
        self.session.end_bodies();
        if let Some(answer) = self.session.outbox.handle_event(self.session.now, self.service) {
            self.session.handle_answer(answer);
        }
    }

    /// Suspends or asks the service, because nothing happens unless the service reports something.
    fn rest(&mut self) -> Result<Option<Ending>, String> {
        let now = Timestamp::from_micros(i64::try_from(self.session.now).unwrap());
        match self.session.barrier.stalled(now, false) {
            Stalled::No => {}
            stalled => return Err(format!("stalled: {stalled:?}")),
        }
        if !self.session.is_parked() {
            return Err("waits for nothing".to_owned());
        }
        let Some(next) = self.service.next_change() else { return Err("nothing is due".to_owned()) };
        let next = next.max(self.session.now);
        if self.session.chance.percent(50) {
            return Ok(Some(Ending::Suspended(next)));
        }
        self.session.now = next;
        self.send(Vec::new());
        Ok(None)
    }
}
