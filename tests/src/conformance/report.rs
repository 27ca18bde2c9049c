//! What came of a run: a line per requirement, and totals.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::failure::Failure;
use super::requirement::Case;

/// What came of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is met.
    Passed,
    /// It is met, but for details that the service does not tell.
    PassedWithout(Vec<&'static str>),
    /// It is not met.
    Failed(Failure),
    /// It is not met, and need not be.
    OptionalFailed(Failure),
    /// There is no handler for it yet.
    NotImplemented,
}

impl From<Result<(), Failure>> for Verdict {
    fn from(result: Result<(), Failure>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(failure) => Self::Failed(failure),
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
    /// How long the run took as a whole.
    pub elapsed: Duration,
}

#[derive(Clone, Debug)]
struct Line {
    suite: String,
    id: String,
    is_optional: bool,
    verdict: Verdict,
    elapsed: Duration,
}

impl Report {
    /// Adds what came of a requirement.
    pub fn add(&mut self, case: &Case, verdict: Verdict, elapsed: Duration) {
        let is_optional = case.requirement.is_optional;
        let verdict = match verdict {
            Verdict::Failed(failure) if is_optional => Verdict::OptionalFailed(failure),
            verdict => verdict,
        };
        let (suite, id) = (case.suite.clone(), case.id.clone());
        self.lines.push(Line { suite, id, is_optional, verdict, elapsed });
    }

    /// Whether no requirement failed but optional ones.
    pub fn is_success(&self) -> bool {
        self.failed().next().is_none()
    }

    /// How many requirements were met.
    pub fn passed(&self) -> usize {
        self.lines.iter().filter(|line| line.verdict == Verdict::Passed).count()
    }

    /// The requirements that were not met, without the optional ones.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        let is_failed = |line: &&Line| matches!(line.verdict, Verdict::Failed(_));
        self.lines.iter().filter(is_failed).map(|line| line.id.as_str())
    }

    /// The requirements without a handler.
    pub fn not_implemented(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.verdict == Verdict::NotImplemented).map(|line| line.id.as_str())
    }

    fn totals(&self) -> Vec<(&str, [usize; 4], Duration)> {
        let mut order = Vec::new();
        let mut totals: BTreeMap<&str, ([usize; 4], Duration)> = BTreeMap::new();
        for line in &self.lines {
            let (counts, elapsed) = totals.entry(&line.suite).or_insert_with(|| {
                order.push(line.suite.as_str());
                ([0; 4], Duration::ZERO)
            });
            let [passed, failed, optional, missing] = counts;
            let count = match line.verdict {
                Verdict::Passed | Verdict::PassedWithout(_) => passed,
                Verdict::Failed(_) => failed,
                Verdict::OptionalFailed(_) => optional,
                Verdict::NotImplemented => missing,
            };
            *count = count.saturating_add(1);
            *elapsed = elapsed.saturating_add(line.elapsed);
        }
        order
            .into_iter()
            .filter_map(|suite| totals.get(suite).map(|(counts, time)| (suite, *counts, *time)))
            .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            line.fmt(f)?;
        }
        writeln!(
            f,
            "\n{:<22}{:>8}{:>8}{:>17}{:>17}{:>12}",
            "suite", "passed", "failed", "optional failed", "not implemented", "time"
        )?;
        let mut sum = [0_usize; 4];
        for (suite, counts, elapsed) in self.totals() {
            write_total(f, suite, counts, elapsed)?;
            writeln!(f)?;
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum = sum.saturating_add(count);
            }
        }
        write_total(f, "all", sum, self.elapsed)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, id, is_optional, verdict, elapsed } = self;
        let word = match verdict {
            Verdict::Passed => "passed",
            Verdict::PassedWithout(_) => "passed without",
            Verdict::Failed(_) => "FAILED",
            Verdict::OptionalFailed(_) => "failed",
            Verdict::NotImplemented => "not implemented",
        };
        write!(f, "{word:<15}  {id:<6} {suite}")?;
        if *verdict != Verdict::NotImplemented {
            write!(f, "  {} ms", elapsed.as_millis())?;
        }
        if *is_optional {
            f.write_str("  optional")?;
        }
        match verdict {
            Verdict::PassedWithout(details) => writeln!(f, "  {}", details.join(", ")),
            Verdict::Failed(failure) | Verdict::OptionalFailed(failure) => writeln!(f, "\n    {failure}"),
            Verdict::Passed | Verdict::NotImplemented => writeln!(f),
        }
    }
}

fn write_total(f: &mut fmt::Formatter<'_>, name: &str, counts: [usize; 4], time: Duration) -> fmt::Result {
    let [passed, failed, optional, missing] = counts;
    let milliseconds = time.as_millis();
    write!(f, "{name:<22}{passed:>8}{failed:>8}{optional:>17}{missing:>17}{milliseconds:>9} ms")
}

#[cfg(test)]
mod tests {
    use super::super::requirement::Requirement;
    use super::*;

    fn case(suite: &str, id: &str) -> Case {
        Case { suite: suite.to_owned(), id: id.to_owned(), requirement: Requirement::default() }
    }

    fn optional(suite: &str, id: &str) -> Case {
        Case { requirement: Requirement { is_optional: true, ..Requirement::default() }, ..case(suite, id) }
    }

    #[test]
    fn an_optional_requirement_is_reported_as_such_and_may_fail() {
        let mut report = Report::default();
        report.add(&optional("step", "1-6"), Verdict::Passed, Duration::ZERO);
        report.add(&optional("step", "1-7"), Verdict::Failed(Failure::new("no logs")), Duration::ZERO);

        let text = report.to_string();

        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["passed", "1-6", "step", "0", "ms", "optional"]);
        assert_eq!(lines[1], ["failed", "1-7", "step", "0", "ms", "optional"]);
        assert_eq!(lines[2], ["no", "logs"]);
        assert_eq!(lines[5], ["step", "1", "0", "1", "0", "0", "ms"]);
        assert!(report.is_success());
        assert_eq!((report.passed(), report.failed().count()), (1, 0));
    }

    #[test]
    fn what_is_not_implemented_neither_passes_nor_fails() {
        let mut report = Report::default();
        report.add(&case("step", "1-1"), Verdict::Passed, Duration::from_millis(3));
        report.add(&case("step", "1-2"), Verdict::NotImplemented, Duration::ZERO);

        assert!(report.is_success());
        assert_eq!(report.passed(), 1);
        assert_eq!(report.not_implemented().collect::<Vec<_>>(), ["1-2"]);
    }

    #[test]
    fn a_report_has_a_line_per_requirement_and_totals_per_suite() {
        let mut report = Report { elapsed: Duration::from_millis(5), ..Report::default() };
        report.add(&case("step", "1-1"), Verdict::Passed, Duration::from_millis(3));
        report.add(&case("step", "1-2"), Verdict::Failed(Failure::new("event 2 is missing")), Duration::ZERO);
        report.add(&case("wait", "2-1"), Verdict::NotImplemented, Duration::ZERO);

        let text = report.to_string();

        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["passed", "1-1", "step", "3", "ms"]);
        assert_eq!(lines[2], ["event", "2", "is", "missing"]);
        assert_eq!(lines[3], ["not", "implemented", "2-1", "wait"]);
        assert_eq!(lines[6], ["step", "1", "1", "0", "0", "3", "ms"]);
        assert_eq!(lines[7], ["wait", "0", "0", "0", "1", "0", "ms"]);
        assert_eq!(lines[8], ["all", "1", "1", "0", "1", "5", "ms"]);
        assert!(!report.is_success());
    }
}
