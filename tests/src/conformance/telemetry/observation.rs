//! The spans of an execution that has ended as its requirement says.

use serde_json::Value;

use super::assertions::TelemetryAssertions;
use super::evaluate::evaluate;
use super::span::Span;
use crate::conformance::drive::drive;
use crate::conformance::failure::Failure;
use crate::conformance::requirement::Requirement;
use crate::conformance::stage::OnStage;
use crate::conformance::variables::Variables;

/// The name of the service whose spans are evaluated.
pub(super) const SERVICE_NAME: &str = "otel-suite";

/// The spans of an execution, and what is asserted of them.
pub(super) struct Observation {
    assertions: TelemetryAssertions,
    execution_arn: String,
    pub(super) spans: Vec<Span>,
}

impl Observation {
    /// Carries an execution that has started to its end, checks all but its spans, and collects these: those that
    /// `collect` returns for the executions with these ARNs.
    pub(super) async fn of(
        requirement: &Requirement,
        assertions: &Value,
        mut variables: Variables,
        stage: &mut impl OnStage,
        collect: impl Fn(&[&str]) -> Vec<Span>,
    ) -> Result<Self, Failure> {
        let execution_arn = stage.arn();
        variables.bind("EXECUTION_ARN", Value::from(execution_arn.as_str()));
        variables.bind("SERVICE_NAME", Value::from(SERVICE_NAME));
        let variables = drive(requirement, variables, stage).await?;
        let assertions = TelemetryAssertions::read(assertions, &variables)?;
        let spans = collect(&assertions.allowed(&execution_arn));
        Ok(Self { assertions, execution_arn, spans })
    }

    /// Whether the spans are as asserted.
    pub(super) fn evaluate(&self) -> Result<(), Failure> {
        self.evaluate_instead(&self.spans)
    }

    /// Whether these spans would be as asserted.
    pub(super) fn evaluate_instead(&self, spans: &[Span]) -> Result<(), Failure> {
        evaluate(&self.assertions, &self.execution_arn, spans)
    }
}
