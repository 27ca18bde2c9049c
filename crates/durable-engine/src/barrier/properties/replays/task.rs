//! The toy handler: a program that is run by polling it.

use std::collections::VecDeque;

use super::place::Place;
use super::program::{Kind, Leaf, Program};
use super::session::{Polled, Session};
use crate::operation_key::OperationKey;

/// A part of a program that has started.
pub(super) enum Task<'p> {
    Operation(OperationKey),
    Chain { rest: std::slice::Iter<'p, Program>, current: Box<Task<'p>>, place: Place },
    Join(Vec<Option<Task<'p>>>),
    Unordered { tasks: Vec<Option<Task<'p>>>, woken: VecDeque<usize> },
    Select { tasks: Vec<Task<'p>>, place: Place },
    Ahead { first: Option<OperationKey>, then: Option<Box<Task<'p>>>, is_awaited: bool },
    Context { key: OperationKey, path: String, program: &'p Program, body: Option<Box<Task<'p>>> },
}

type Outcome<T> = Result<T, String>;

impl<'p> Task<'p> {
    /// Starts a part and claims the operations that it begins with.
    pub(super) fn begin(program: &'p Program, place: Place, run: &mut Session) -> Outcome<Self> {
        let begin_all = |programs: &'p [Program], run: &mut Session| -> Outcome<Vec<Self>> {
            let places = (0..).map(|index| place.child(index));
            programs.iter().zip(places).map(|(program, place)| Self::begin(program, place, run)).collect()
        };
        Ok(match program {
            Program::Operation(leaf) => Self::Operation(run.claim(*leaf, &place)?),
            Program::Chain(programs) => {
                let mut rest = programs.iter();
                let Some(first) = rest.next() else { return Err("an empty chain".to_owned()) };
                let current = Box::new(Self::begin(first, place.child(0), run)?);
                Self::Chain { rest, current, place }
            }
            Program::Join(programs) => Self::Join(begin_all(programs, run)?.into_iter().map(Some).collect()),
            Program::Unordered(programs) => {
                let tasks: Vec<_> = begin_all(programs, run)?.into_iter().map(Some).collect();
                Self::Unordered { woken: (0..tasks.len()).collect(), tasks }
            }
            Program::Select(programs) => Self::Select { tasks: begin_all(programs, run)?, place },
            Program::Ahead { first, then, is_awaited } => {
                let key = run.claim(*first, &place.child("first"))?;
                let then = Box::new(Self::begin(then, place.child("then"), run)?);
                Self::Ahead { first: Some(key), then: Some(then), is_awaited: *is_awaited }
            }
            Program::Context { name, is_large, body } => {
                let leaf = Leaf { kind: Kind::Context, name: *name, micros: u64::from(*is_large) };
                let key = run.claim(leaf, &place)?;
                Self::Context { key, path: place.path, program: body, body: None }
            }
        })
    }

    /// Polls the part. Returns whether it has ended.
    pub(super) fn poll(&mut self, run: &mut Session) -> Outcome<bool> {
        match self {
            Self::Operation(key) => Ok(run.poll(*key)? == Polled::Ended),
            Self::Chain { rest, current, place } => {
                while current.poll(run)? {
                    let Some(next) = rest.next() else { return Ok(true) };
                    let index = rest.len();
                    **current = Self::begin(next, place.child(format!("-{index}")), run)?;
                }
                Ok(false)
            }
            Self::Join(tasks) => {
                for task in &mut *tasks {
                    if let Some(running) = task
                        && running.poll(run)?
                    {
                        *task = None;
                    }
                }
                Ok(tasks.iter().all(Option::is_none))
            }
            Self::Unordered { tasks, woken } => {
                while let Some(index) = woken.pop_front() {
                    if let Some(running) = &mut tasks[index]
                        && running.poll(run)?
                    {
                        tasks[index] = None;
                    }
                }
                Ok(tasks.iter().all(Option::is_none))
            }
            Self::Select { .. } => self.poll_select(run),
            Self::Ahead { first, then, is_awaited } => {
                if let Some(running) = then {
                    if !running.poll(run)? {
                        return Ok(false);
                    }
                    *then = None;
                    if let Some(dropped) = first.take_if(|_| !*is_awaited) {
                        run.release(dropped);
                    }
                }
                let Some(key) = *first else { return Ok(true) };
                Ok(run.poll(key)? == Polled::Ended)
            }
            Self::Context { key, path, program, body } => loop {
                if let Some(running) = body {
                    if !running.poll(run)? {
                        return Ok(false);
                    }
                    *body = None;
                    run.handle_body_ended(*key)?;
                }
                match run.poll(*key)? {
                    Polled::Pending => return Ok(false),
                    Polled::Ended => return Ok(true),
                    Polled::Enter(context) => {
                        let place = Place { path: format!("{path}/"), context };
                        *body = Some(Box::new(Self::begin(program, place, run)?));
                    }
                }
            },
        }
    }

    /// Passes a wake to the part that waits for this operation. Returns whether there is one.
    pub(super) fn wake(&mut self, woken_key: OperationKey) -> bool {
        match self {
            Self::Operation(key) => *key == woken_key,
            Self::Chain { current, .. } => current.wake(woken_key),
            Self::Join(tasks) => tasks.iter_mut().flatten().any(|task| task.wake(woken_key)),
            Self::Select { tasks, .. } => tasks.iter_mut().any(|task| task.wake(woken_key)),
            Self::Unordered { tasks, woken } => {
                let is_waiting =
                    |task: &mut Option<Self>| task.as_mut().is_some_and(|task| task.wake(woken_key));
                let Some(index) = tasks.iter_mut().position(is_waiting) else { return false };
                if !woken.contains(&index) {
                    woken.push_back(index);
                }
                true
            }
            Self::Ahead { first, then, .. } => {
                then.as_mut().is_some_and(|then| then.wake(woken_key)) || *first == Some(woken_key)
            }
            Self::Context { key, body, .. } => {
                body.as_mut().is_some_and(|body| body.wake(woken_key)) || *key == woken_key
            }
        }
    }

    /// Drops the part along with all operations that it holds.
    pub(super) fn release(self, run: &mut Session) {
        match self {
            Self::Operation(key) => run.release(key),
            Self::Chain { current, .. } => current.release(run),
            Self::Join(tasks) | Self::Unordered { tasks, .. } => {
                tasks.into_iter().flatten().for_each(|task| task.release(run));
            }
            Self::Select { tasks, .. } => tasks.into_iter().for_each(|task| task.release(run)),
            Self::Ahead { first, then, .. } => {
                then.into_iter().for_each(|task| task.release(run));
                first.into_iter().for_each(|key| run.release(key));
            }
            Self::Context { key, body, .. } => {
                body.into_iter().for_each(|task| task.release(run));
                run.release(key);
            }
        }
    }

    fn poll_select(&mut self, run: &mut Session) -> Outcome<bool> {
        let Self::Select { tasks, place } = self else { return Ok(false) };
        let start = run.chance.index(tasks.len());
        for offset in 0..tasks.len() {
            let index = (start + offset) % tasks.len();
            if tasks[index].poll(run)? {
                std::mem::take(tasks).into_iter().for_each(|task| task.release(run));
                let name = 10 + u8::try_from(index).unwrap();
                let follow_up = Leaf { kind: Kind::Step, name, micros: 100 };
                *self = Self::Operation(run.claim(follow_up, &place.child(format!("act-{index}")))?);
                return self.poll(run);
            }
        }
        Ok(false)
    }
}
