//! Properties of the barrier under random handlers: every replay sees the same values in the same order.

mod chance;
mod invocation;
mod outbox;
mod place;
mod program;
mod service;
mod session;
mod task;

use proptest::prelude::*;

use self::chance::Chance;
use self::invocation::{Ending, Invocation};
use self::program::{Program, programs};
use self::service::{Behaviour, Service};

/// How many times a program is restarted from some prefix of its journal.
const RESTARTS: usize = 12;

/// Runs a program to its end, through as many invocations as it takes.
fn run_to_end(program: &Program, service: &mut Service, now: u64, chance: &mut Chance) -> Result<(), String> {
    let mut now = now;
    for _ in 0..1_000 {
        match Invocation::run(program, service, now, chance.next())? {
            (Ending::Finished | Ending::Undecided, _) => return Ok(()),
            // The service invokes the function soon after that.
            (Ending::Suspended(until), _) => now = until + chance.below(200),
        }
    }
    Err("suspends forever".to_owned())
}

/// Runs a program, and again over prefixes of its journal.
fn run_and_replay(program: &Program, behaviour: Behaviour, seed: u64) -> Result<(), String> {
    let mut chance = Chance::new(seed);
    let mut service = Service::new(behaviour, chance.next());
    run_to_end(program, &mut service, 0, &mut chance)?;
    for _ in 0..RESTARTS {
        let cut = chance.index(service.changes() + 1);
        let (restarted, at) = service.after(cut, chance.next());
        service = restarted;
        let longest = if chance.percent(80) { 200 } else { 3_000 };
        let now = at + chance.below(longest);
        run_to_end(program, &mut service, now, &mut chance)
            .map_err(|error| format!("restarted after {cut} changes: {error}"))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_result_that_is_reported_late_has_its_place_on_every_replay_once_that_is_recorded(
        program in programs(),
        seed in any::<u64>(),
    ) {
        let behaviour = Behaviour { late_percent: 50 };
        run_and_replay(&program, behaviour, seed).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn the_handler_sees_the_same_values_in_the_same_order_on_every_replay(
        program in programs(),
        seed in any::<u64>(),
    ) {
        let behaviour = Behaviour { late_percent: 0 };
        run_and_replay(&program, behaviour, seed).map_err(TestCaseError::fail)?;
    }
}
