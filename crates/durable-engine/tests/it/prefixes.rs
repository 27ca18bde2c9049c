//! Any prefix of what a program records, replayed, is carried on in the same way.

use durable_engine::{Claimed, OperationKey, Progress};
use durable_types::OperationStatus;
use proptest::prelude::*;

use crate::session::{ROOT, Session, recorded_step, recorded_wait, step, wait};

/// One operation of a program that runs one after the other.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Step,
    Wait,
}

/// Runs the program over records of its first operations and returns the updates it sends.
fn run(program: &[Kind], recorded: usize) -> Vec<String> {
    let name = |index: usize| format!("op-{index}");
    let records = program.iter().enumerate().take(recorded).map(|(index, kind)| match kind {
        Kind::Step => recorded_step(&name(index), OperationStatus::Succeeded),
        Kind::Wait => recorded_wait(&name(index), OperationStatus::Succeeded),
    });
    let mut session = Session::new(records.collect());
    let mut sent = Vec::new();
    for (index, kind) in program.iter().enumerate() {
        let new = match kind {
            Kind::Step => step(),
            Kind::Wait => wait(),
        };
        match session.claim(ROOT, Some(&name(index)), new) {
            Claimed::Deferred(_, key, _) => {
                assert!(index < recorded, "{index} of {recorded}");
                assert_eq!(session.deliver_all(), []);
                assert!(session.0.poll_deferred(key));
                session.0.release(key);
            }
            Claimed::Settled(..) => panic!("{index} is not part of a batch"),
            Claimed::Live(_, key) => sent.extend(drive(&mut session, key, *kind, &name(index))),
            Claimed::Never => panic!("{index} never moves"),
        }
    }
    sent
}

fn drive(session: &mut Session, key: OperationKey, kind: Kind, name: &str) -> Vec<String> {
    if let Progress::Run { attempt, .. } = session.0.poll(key) {
        assert_eq!(attempt, 1);
        session.0.handle_succeeded(key, Some("1".into()));
    }
    let sent = session.checkpoint();
    let ended = match kind {
        Kind::Step => recorded_step(name, OperationStatus::Succeeded),
        Kind::Wait => recorded_wait(name, OperationStatus::Succeeded),
    };
    session.acknowledge("token", vec![ended]);
    assert_eq!(session.deliver_all(), [key]);
    assert!(matches!(session.0.poll(key), Progress::Settled(_)));
    session.0.release(key);
    sent
}

proptest! {
    #[test]
    fn a_replayed_prefix_is_carried_on_with_the_same_updates(
        program in prop::collection::vec(prop_oneof![Just(Kind::Step), Just(Kind::Wait)], 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let recorded = cut.index(program.len() + 1);
        let whole = run(&program, 0);
        let skipped = run(&program[..recorded], 0).len();

        prop_assert_eq!(&run(&program, recorded)[..], &whole[skipped..]);
    }
}
