//! How random handlers are made up.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;

use super::{Batch, Branch, Check, Combinator, Ending, Function, Part, Rule, Selector};

/// Programs without races.
pub(crate) fn parts() -> impl Strategy<Value = Vec<Part>> {
    vec(leaf().prop_recursive(3, 20, 4, |inner| Union::new_weighted(branching(&inner))), 1..5)
}

/// Programs with races among their parts, which are recorded or not.
pub(crate) fn racing_parts(is_recorded: bool) -> impl Strategy<Value = Vec<Part>> {
    let part = leaf().prop_recursive(3, 20, 4, move |inner| {
        let mut branching = branching(&inner);
        branching.push((4, if is_recorded { race(&inner) } else { select(&inner) }));
        Union::new_weighted(branching)
    });
    vec(part, 1..5)
}

/// Programs in which the order of results decides what happens.
pub(crate) fn ordered_parts() -> impl Strategy<Value = Vec<Part>> {
    let part = leaf().prop_recursive(3, 30, 6, |inner| {
        let mut branching = branching(&inner);
        branching.extend([(12, chains(&inner)), (8, select(&inner)), (2, race(&inner))]);
        Union::new_weighted(branching)
    });
    vec(prop_oneof![12 => part, 1 => many_chains()], 1..5)
}

fn race(inner: &BoxedStrategy<Part>) -> BoxedStrategy<Part> {
    vec(vec(inner.clone(), 1..3), 1..4).prop_map(Part::Race).boxed()
}

fn select(inner: &BoxedStrategy<Part>) -> BoxedStrategy<Part> {
    let selector = prop::sample::select(vec![Selector::Futures, Selector::Random, Selector::Biased]);
    let select = (vec(inner.clone(), 1..3), vec(inner.clone(), 1..3), selector);
    let select = select.prop_map(|(left, right, selector)| {
        // Chance would decide whether the other chain has started anything, which no replay can repeat.
        let is_fair =
            selector != Selector::Random || !(Part::end_at_once(&left) || Part::end_at_once(&right));
        Part::Select { left, right, selector: if is_fair { selector } else { Selector::Biased } }
    });
    select.boxed()
}

fn chains(inner: &BoxedStrategy<Part>) -> BoxedStrategy<Part> {
    let chains = (vec(vec(inner.clone(), 1..4), 2..7), combinator());
    chains.prop_map(|(chains, combinator)| Part::Chains { chains, combinator }).boxed()
}

/// So many chains that `join_all` polls them in the order of their wakes.
fn many_chains() -> impl Strategy<Value = Part> {
    let step = (0_u64..5).prop_map(|millis| Part::Step { failures: 0, delay: 1, millis });
    let chains = (vec(vec(step, 2..4), 31..36), combinator());
    chains.prop_map(|(chains, combinator)| Part::Chains { chains, combinator })
}

fn combinator() -> impl Strategy<Value = Combinator> {
    prop::sample::select(vec![
        Combinator::JoinAll,
        Combinator::Unordered,
        Combinator::Buffered,
        Combinator::BufferUnordered,
        Combinator::ForEachConcurrent,
    ])
}

fn leaf() -> Union<BoxedStrategy<Part>> {
    Union::new_weighted(vec![
        (6, step().boxed()),
        (1, Just(Part::Failing).boxed()),
        (2, (0_u32..2, any::<bool>()).prop_map(deadly).boxed()),
        (4, (1_u64..6).prop_map(|seconds| Part::Wait { seconds }).boxed()),
        (2, ending().prop_map(Part::Callback).boxed()),
        (2, (ending(), 0_u32..2).prop_map(|(ending, failures)| Part::Asked { ending, failures }).boxed()),
        (3, (function(), 0_u32..9).prop_map(|(function, number)| Part::Call { function, number }).boxed()),
        (2, (1_u32..4, check()).prop_map(|(checks, check)| Part::Condition { checks, check }).boxed()),
        (1, Just(Part::Values).boxed()),
        (1, (270_000_usize..300_000).prop_map(|bytes| Part::Bulk { bytes }).boxed()),
    ])
}

fn step() -> impl Strategy<Value = Part> {
    let failures = prop_oneof![2 => Just(0_u32), 1 => 1_u32..3];
    let step = (failures, 1_u64..5, 0_u64..6);
    step.prop_map(|(failures, delay, millis)| Part::Step { failures, delay, millis })
}

fn deadly((deaths, is_at_most_once): (u32, bool)) -> Part {
    Part::Deadly { deaths, is_at_most_once }
}

fn branching(inner: &BoxedStrategy<Part>) -> Vec<(u32, BoxedStrategy<Part>)> {
    let child = (vec(inner.clone(), 1..4), any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(parts, is_virtual, fails)| Part::Child { parts, is_virtual, fails });
    let join = vec(inner.clone(), 1..4).prop_map(Part::Join);
    let retried =
        (vec(inner.clone(), 1..3), 0_u32..3).prop_map(|(parts, failures)| Part::Retried { parts, failures });
    let spawned = (vec(inner.clone(), 1..3), vec(inner.clone(), 1..3))
        .prop_map(|(parts, beside)| Part::Spawned { parts, beside });
    vec![
        (3, child.boxed()),
        (3, join.boxed()),
        (4, batch(inner).prop_map(Part::Batch).boxed()),
        (1, retried.boxed()),
        (1, spawned.boxed()),
        (1, vec(branch(inner), 1..4).prop_map(Part::TryJoin).boxed()),
    ]
}

fn branch(inner: &BoxedStrategy<Part>) -> impl Strategy<Value = Branch> + use<> {
    let bytes = prop_oneof![9 => Just(0_usize), 1 => Just(140_000)];
    (vec(inner.clone(), 0..3), prop::bool::weighted(0.25), bytes).prop_map(|(parts, fails, bytes)| Branch {
        parts,
        fails,
        bytes,
    })
}

fn batch(inner: &BoxedStrategy<Part>) -> impl Strategy<Value = Batch> + use<> {
    let rule = prop_oneof![
        1 => Just(Rule::Strict),
        2 => Just(Rule::All),
        1 => (0_usize..3).prop_map(Rule::Tolerant),
        1 => (1_usize..4).prop_map(Rule::Enough),
    ];
    let max_concurrency = prop::option::of(1_usize..4);
    (vec(branch(inner), 0..5), any::<bool>(), any::<bool>(), max_concurrency, rule).prop_map(
        |(branches, is_parallel, is_flat, max_concurrency, rule)| {
            let rule = match rule {
                Rule::Enough(enough) if enough > branches.len() => Rule::All,
                rule => rule,
            };
            Batch { branches, is_parallel, is_flat, max_concurrency, rule }
        },
    )
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        3 => Just(Ending::Succeeds),
        1 => Just(Ending::Fails),
        1 => Just(Ending::TimesOut),
        1 => Just(Ending::HasNoHeartbeat),
    ]
}

fn function() -> impl Strategy<Value = Function> {
    prop::sample::select(vec![Function::Double, Function::Broken, Function::Next, Function::Sour])
}

fn check() -> impl Strategy<Value = Check> {
    prop_oneof![2 => Just(Check::IsMet), 1 => Just(Check::IsExhausted), 1 => Just(Check::Fails)]
}
