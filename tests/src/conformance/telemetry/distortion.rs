//! Whether requirements notice that spans are wrong.

use super::memory::observe;
use super::span::Span;
use super::view::views;
use crate::conformance::failure::Failure;
use crate::conformance::requirement::Case;

/// Makes a span wrong.
type Distort = fn(&mut Span);

/// Distortions that every requirement must notice, by what they change.
const DISTORTIONS: [(&str, Distort); 5] = [
    ("name", |span| span.name.push('!')),
    ("kind", |span| span.kind = "CLIENT".to_owned()),
    ("status", |span| span.status = if span.status == "ERROR" { "OK" } else { "ERROR" }.to_owned()),
    ("service name", |span| span.service_name = None),
    ("attributes", |span| span.attributes.clear()),
];

/// The distortion that removes a span from its place in the tree.
const REPARENT: (&str, Distort) = ("parent", |span| span.parent_span_id = Some("0".repeat(16)));

/// Runs requirements about telemetry in process, and evaluates their spans with one of them distorted or missing. Returns
/// how often that was.
///
/// # Errors
/// If a requirement is met all the same, or not met by the spans as they are.
pub async fn run_with_distorted_spans(cases: &[Case]) -> Result<usize, Failure> {
    let mut evaluations = 0_usize;
    for case in cases {
        for (view, assertions) in views(case) {
            let observation = observe(case, view, assertions).await?;
            observation.evaluate()?;
            for (what, spans) in distorted(&observation.spans) {
                if observation.evaluate_instead(&spans).is_ok() {
                    let id = &case.id;
                    return Err(Failure::new(format!("{id} in the {view} view does not notice: {what}")));
                }
                evaluations = evaluations.saturating_add(1);
            }
        }
    }
    Ok(evaluations)
}

/// The spans with one of them missing or distorted, and what was done.
fn distorted(spans: &[Span]) -> Vec<(String, Vec<Span>)> {
    let mut all = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        let mut without = spans.to_vec();
        without.remove(index);
        all.push((format!("{span} is missing"), without));
        // One absent parent is as good as another.
        let is_absent = |id| spans.iter().all(|span| span.id != id);
        let reparent: Option<(&str, Distort)> = (!span.parent().is_some_and(is_absent)).then_some(REPARENT);
        for (what, distort) in DISTORTIONS.into_iter().chain(reparent) {
            let mut spans = spans.to_vec();
            spans.get_mut(index).into_iter().for_each(distort);
            all.push((format!("another {what} of {span}"), spans));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::telemetry::fixture::span;

    #[test]
    fn each_distortion_changes_one_span() {
        let workflow = span("Workflow");
        let spans = [workflow.clone(), span("charge").with_status("ERROR").child_of(&workflow)];

        let all = distorted(&spans);

        assert_eq!(all.len(), 2 * (2 + DISTORTIONS.len()));
        for (what, distorted) in all {
            let kept = distorted.iter().filter(|span| spans.contains(span)).count();
            assert_eq!(kept, 1, "{what}");
        }
    }

    #[test]
    fn a_parent_that_is_absent_anyway_is_not_replaced() {
        let all = distorted(&[span("Invocation").child_of(&span("Workflow"))]);

        assert!(all.iter().all(|(what, _)| !what.contains("parent")));
    }
}
