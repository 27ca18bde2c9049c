//! The cost of the fold, counted in accesses to operations.

use durable_types::sub_type;

use super::history::History;
use crate::timeline::Timeline;

/// Returns the accesses per event.
fn accesses_per_event(history: &History) -> usize {
    let timeline = Timeline::from_events(&history.events);

    timeline.operations.accesses.get().div_ceil(history.events.len())
}

/// 25,000 steps, one after the other.
fn sequence(count: usize) -> History {
    (0..count).fold(History::begun(), |history, index| history.step(1, 2, &format!("step-{index}")))
}

/// A map of which all items are open at the same time.
fn map(count: usize) -> History {
    let begun = History::begun().context_started(0, "ship", sub_type::MAP).inside("ship");
    let item = |index: usize| format!("parcel-{index}");
    let open = (0..count)
        .fold(begun, |history, index| history.context_started(1, &item(index), sub_type::MAP_ITERATION));
    (0..count)
        .fold(open, |history, index| history.context_succeeded(2, &item(index), sub_type::MAP_ITERATION))
}

/// Contexts that are all inside each other, which no SDK does.
fn nested(count: usize) -> History {
    (0..count).fold(History::begun(), |history, index| {
        let name = format!("context-{index}");
        history.context_started(1, &name, "").inside(&name)
    })
}

#[test]
fn an_event_costs_the_same_however_many_operations_there_are() {
    for shape in [sequence, map, nested] {
        let (few, many) = (shape(100), shape(25_000));

        assert_eq!(accesses_per_event(&few), accesses_per_event(&many));
        assert!(accesses_per_event(&many) <= 8, "{}", accesses_per_event(&many));
    }
}

#[test]
fn deep_nesting_overflows_no_stack() {
    let timeline = Timeline::from_events(&nested(25_000).events);

    assert_eq!(timeline.walk().last().map(|(depth, _)| depth), Some(24_999));
    assert_eq!(timeline.waits().operations.len(), 1);
}
