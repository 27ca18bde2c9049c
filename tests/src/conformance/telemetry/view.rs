//! The views in which requirements are about spans.

use std::fmt;

use serde_json::Value;

use crate::conformance::failure::Failure;
use crate::conformance::report::Verdict;
use crate::conformance::requirement::Case;

/// How a plugin arranges the spans of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Invocation,
    Execution,
}

impl View {
    /// The view with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Invocation, Self::Execution].into_iter().find(|view| view.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invocation => "invocation",
            Self::Execution => "execution",
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<View> for durable_otel::View {
    fn from(view: View) -> Self {
        match view {
            View::Invocation => Self::Invocation,
            View::Execution => Self::Execution,
        }
    }
}

/// The views that a requirement is about, each with its assertions.
pub(crate) fn views(case: &Case) -> Vec<(View, &Value)> {
    let own = if case.suite == "otel-execution" { View::Execution } else { View::Invocation };
    let own = case.requirement.telemetry_assertions.as_ref().map(|assertions| (own, assertions));
    let execution = case.requirement.execution_telemetry_assertions.as_ref();
    own.into_iter().chain(execution.map(|assertions| (View::Execution, assertions))).collect()
}

/// Runs a requirement in each view that it is about.
pub(super) async fn in_each_view(
    case: &Case,
    run: impl AsyncFn(View, &Value) -> Result<(), Failure>,
) -> Verdict {
    let views = views(case);
    if views.is_empty() {
        return Verdict::Failed(Failure::new("the requirement has no telemetry assertions"));
    }
    let mut failures = Vec::new();
    for (view, assertions) in views {
        let result = run(view, assertions).await;
        failures.extend(result.err().map(|failure| format!("in the {view} view: {failure}")));
    }
    if failures.is_empty() { Verdict::Passed } else { Verdict::Failed(Failure::new(failures.join("\n    "))) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::requirement::Requirement;

    fn case(suite: &str, own: Option<Value>, execution: Option<Value>) -> Case {
        let requirement = Requirement {
            telemetry_assertions: own,
            execution_telemetry_assertions: execution,
            ..Requirement::default()
        };
        Case { suite: suite.to_owned(), id: "1".to_owned(), requirement }
    }

    fn views_of(suite: &str, execution: Option<Value>) -> Vec<(View, Value)> {
        views(&case(suite, Some(json!(1)), execution))
            .into_iter()
            .map(|(view, assertions)| (view, assertions.clone()))
            .collect()
    }

    #[test]
    fn the_suite_says_which_view_a_requirement_is_about() {
        assert_eq!(views_of("otel-invocation", None), [(View::Invocation, json!(1))]);
        assert_eq!(views_of("otel-execution", None), [(View::Execution, json!(1))]);
    }

    #[test]
    fn a_requirement_can_be_about_both_views() {
        let both = [(View::Invocation, json!(1)), (View::Execution, json!(2))];

        assert_eq!(views_of("otel-long-running", Some(json!(2))), both);
    }

    #[tokio::test]
    async fn a_requirement_is_met_if_it_is_in_each_view() {
        let both = case("otel-long-running", Some(json!(1)), Some(json!(2)));
        let fails_in = |failing: Option<View>| {
            in_each_view(&both, async move |view, _| match failing == Some(view) {
                true => Err(Failure::new("no spans")),
                false => Ok(()),
            })
        };

        assert_eq!(fails_in(None).await, Verdict::Passed);
        for view in [View::Invocation, View::Execution] {
            let failure = Failure::new(format!("in the {view} view: no spans"));
            assert_eq!(fails_in(Some(view)).await, Verdict::Failed(failure));
        }
    }

    #[tokio::test]
    async fn a_requirement_without_telemetry_assertions_is_not_met() {
        let verdict = in_each_view(&case("otel-execution", None, None), async |_, _| Ok(())).await;

        assert!(matches!(verdict, Verdict::Failed(_)));
    }

    #[test]
    fn a_view_is_found_by_its_name() {
        for view in [View::Invocation, View::Execution] {
            assert_eq!(View::from_name(view.name()), Some(view));
        }
        assert_eq!(View::from_name("bird's eye"), None);
    }
}
