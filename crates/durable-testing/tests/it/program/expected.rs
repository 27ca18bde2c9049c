//! The expected outcome of a program, computed without an engine or a service.

use super::{Batch, Check, Part, Place};

/// What a program tells.
pub(crate) fn expected(parts: &[Part]) -> Vec<String> {
    sequence(parts, &Place::root())
}

fn sequence(parts: &[Part], place: &Place) -> Vec<String> {
    parts.iter().enumerate().flat_map(|(index, part)| one(part, &place.at(index))).collect()
}

fn one(part: &Part, place: &Place) -> Vec<String> {
    let path = place.path();
    let outcome = match part {
        Part::Step { failures, .. } => format!("{path} after {}", failures + 1),
        Part::Failing => format!("{path} never"),
        Part::Deadly { .. } => format!("{path} survived"),
        Part::Wait { .. } => format!("{path} waited"),
        Part::Child { parts, fails: false, .. } => return sequence(parts, &place.inside(0)),
        Part::Child { .. } => format!("{path} failed"),
        Part::Bulk { bytes } => format!("{path} has {bytes} bytes"),
        Part::Chains { chains, .. } => {
            let chain = |(index, chain): (usize, &Vec<Part>)| sequence(chain, &place.alike(index));
            return chains.iter().enumerate().flat_map(chain).collect();
        }
        Part::Join(parts) => return sequence(parts, place),
        Part::Callback(ending) | Part::Asked { ending, .. } => format!("{path} {}", ending.description()),
        Part::Call { function, number } => match function.call(*number) {
            Ok(result) => format!("{path} is {result}"),
            Err(error) => format!("{path} {error}"),
        },
        Part::Condition { checks, check } => match check {
            Check::IsMet => format!("{path} met after {checks}"),
            Check::IsExhausted => format!("{path} exhausted"),
            Check::Fails => format!("{path} check {checks} fails"),
        },
        Part::Batch(batch) => return all(batch, place),
        Part::Retried { parts, failures } => {
            return sequence(parts, &place.inside(usize::try_from(*failures).unwrap() + 1));
        }
        Part::Spawned { parts, beside } => {
            return [sequence(beside, &place.at(0)), sequence(parts, &place.inside(0))].concat();
        }
        Part::Values => format!("{path} kept its values"),
        Part::TryJoin(branches) if branches.iter().any(|branch| branch.fails) => format!("{path} failed"),
        Part::TryJoin(branches) => {
            let branch = |(index, branch): (usize, &super::Branch)| sequence(&branch.parts, &place.at(index));
            return branches.iter().enumerate().flat_map(branch).collect();
        }
        Part::Race(_) | Part::Select { .. } => format!("{path} raced"),
    };
    vec![outcome]
}

fn all(batch: &Batch, place: &Place) -> Vec<String> {
    let failing = batch.branches.iter().filter(|branch| branch.fails).count();
    let (succeeded, failed, is_complete) = batch.rule.outcome(batch.branches.len() - failing, failing);
    let branch = |(index, branch): (usize, &super::Branch)| {
        let place = place.inside(index);
        match branch.fails {
            true => vec![format!("{} failed", place.path())],
            false => sequence(&branch.parts, &place),
        }
    };
    let each = batch.branches.iter().enumerate().flat_map(branch).collect();
    batch.rule.account(succeeded, failed, is_complete, each).lines(place.path())
}
