//! Whether spans are before, after or inside of others.

use super::assertions::{Expectation, OtherSpan};
use super::span::Span;
use crate::conformance::failure::Failure;

/// Checks the times of a span against those of another one.
type Rule = fn(&Span, &Span) -> Result<(), String>;

/// What is wrong with the times of a span compared with those of others.
pub(super) fn order_problems(
    expected: &Expectation,
    span: &Span,
    spans: &[Span],
) -> Result<Vec<String>, Failure> {
    let rules: [(&Option<OtherSpan>, Rule); 3] =
        [(&expected.before, ends_before), (&expected.after, starts_after), (&expected.inside, stays_within)];
    let mut problems = Vec::new();
    for (other, rule) in rules {
        let Some(other) = other else { continue };
        match find(other, span, spans)? {
            Ok(other) => problems.extend(rule(span, other).err()),
            Err(problem) => problems.push(problem),
        }
    }
    Ok(problems)
}

/// Finds the one other span.
fn find<'s>(other: &OtherSpan, span: &Span, spans: &'s [Span]) -> Result<Result<&'s Span, String>, Failure> {
    let is_candidate =
        |it: &&Span| !std::ptr::eq(*it, span) && (!other.is_linked || span.links.contains(&it.id));
    let found = other.span.select(spans.iter().filter(is_candidate))?;
    Ok(match found.as_slice() {
        [one] => Ok(*one),
        found => {
            let linked = if other.is_linked { "linked " } else { "" };
            let count = found.len();
            Err(format!("{count} {linked}spans instead of one match {}", other.span.text()))
        }
    })
}

fn ends_before(span: &Span, other: &Span) -> Result<(), String> {
    if span.end <= other.start {
        return Ok(());
    }
    Err(format!("it ends {} after {other} starts", nanoseconds(other.start, span.end)))
}

fn starts_after(span: &Span, other: &Span) -> Result<(), String> {
    if span.start >= other.end {
        return Ok(());
    }
    Err(format!("it starts {} before {other} ends", nanoseconds(span.start, other.end)))
}

/// Whether a span neither begins before another nor ends after it.
pub(super) fn stays_within(span: &Span, other: &Span) -> Result<(), String> {
    if span.start < other.start {
        return Err(format!("it starts {} before {other} starts", nanoseconds(span.start, other.start)));
    }
    if span.end > other.end {
        return Err(format!("it ends {} after {other} ends", nanoseconds(other.end, span.end)));
    }
    Ok(())
}

fn nanoseconds(from: u64, to: u64) -> String {
    format!("{} ns", to.saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::conformance::telemetry::fixture::span;

    /// The problems of the first of these spans.
    fn problems(expected: Value, spans: &[Span]) -> Vec<String> {
        let expected = serde_json::from_value(expected).unwrap();
        order_problems(&expected, &spans[0], spans).unwrap()
    }

    #[test]
    fn a_span_before_another_ends_by_its_start() {
        let other = span("ship").lasting(20, 30);
        let before = json!({"before": {"name": "ship"}});

        assert_eq!(problems(before.clone(), &[span("charge").lasting(10, 20), other.clone()]), [""; 0]);
        assert_eq!(
            problems(before, &[span("charge").lasting(10, 21), other]),
            ["it ends 1 ns after `ship` (ship) starts"]
        );
    }

    #[test]
    fn a_span_after_another_starts_from_its_end() {
        let other = span("reserve").lasting(0, 10);
        let after = json!({"after": {"name": "reserve"}});

        assert_eq!(problems(after.clone(), &[span("charge").lasting(10, 20), other.clone()]), [""; 0]);
        assert_eq!(
            problems(after, &[span("charge").lasting(9, 20), other]),
            ["it starts 1 ns before `reserve` (reserve) ends"]
        );
    }

    #[test]
    fn a_span_inside_another_exceeds_it_on_neither_side() {
        let other = span("Invocation").lasting(10, 20);
        let inside = json!({"inside": {"name": "Invocation"}});

        assert_eq!(problems(inside.clone(), &[span("charge").lasting(10, 20), other.clone()]), [""; 0]);
        for outside in [span("charge").lasting(9, 20), span("charge").lasting(10, 21)] {
            assert_eq!(problems(inside.clone(), &[outside, other.clone()]).len(), 1);
        }
    }

    #[test]
    fn the_other_span_can_be_searched_among_those_linked() {
        let first = span("Invocation").with_id("1").lasting(0, 9);
        let second = span("Invocation").with_id("2").lasting(10, 20);
        let linked = json!({"inside": {"$linked": true, "name": "Invocation"}});
        let unlinked = json!({"inside": {"name": "Invocation"}});
        let spans = [span("charge").linked_to(&second), first.clone(), second.clone()];

        assert_eq!(problems(linked.clone(), &spans), [""; 0]);
        assert_eq!(problems(unlinked, &spans), [r#"2 spans instead of one match {"name":"Invocation"}"#]);
        assert_eq!(
            problems(linked, &[span("charge"), first, second]),
            [r#"0 linked spans instead of one match {"name":"Invocation"}"#]
        );
    }

    #[test]
    fn a_span_is_not_another_one_than_itself() {
        assert_eq!(
            problems(json!({"before": {"name": "charge"}}), &[span("charge").lasting(10, 10)]).len(),
            1
        );
    }
}
