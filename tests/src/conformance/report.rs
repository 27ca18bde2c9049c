//! What came of a run: a line per requirement, and totals.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::failure::Failure;

/// What came of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is met.
    Passed,
    /// It is met, but for details that the service does not tell.
    PassedWithout(Vec<&'static str>),
    /// It is not met.
    Failed(Failure),
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
    verdict: Verdict,
    elapsed: Duration,
}

impl Report {
    /// Adds what came of a requirement.
    pub fn add(&mut self, suite: &str, id: &str, verdict: Verdict, elapsed: Duration) {
        self.lines.push(Line { suite: suite.to_owned(), id: id.to_owned(), verdict, elapsed });
    }

    /// Whether no requirement failed.
    pub fn is_success(&self) -> bool {
        self.failed().next().is_none()
    }

    /// How many requirements were met.
    pub fn passed(&self) -> usize {
        self.lines.iter().filter(|line| line.verdict == Verdict::Passed).count()
    }

    /// The requirements that were not met.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        let is_failed = |line: &&Line| matches!(line.verdict, Verdict::Failed(_));
        self.lines.iter().filter(is_failed).map(|line| line.id.as_str())
    }

    /// The requirements without a handler.
    pub fn not_implemented(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.verdict == Verdict::NotImplemented).map(|line| line.id.as_str())
    }

    fn totals(&self) -> Vec<(&str, [usize; 3], Duration)> {
        let mut order = Vec::new();
        let mut totals: BTreeMap<&str, ([usize; 3], Duration)> = BTreeMap::new();
        for line in &self.lines {
            let (counts, elapsed) = totals.entry(&line.suite).or_insert_with(|| {
                order.push(line.suite.as_str());
                ([0; 3], Duration::ZERO)
            });
            let [passed, failed, missing] = counts;
            let count = match line.verdict {
                Verdict::Passed | Verdict::PassedWithout(_) => passed,
                Verdict::Failed(_) => failed,
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
        for Line { suite, id, verdict, elapsed } in &self.lines {
            let milliseconds = elapsed.as_millis();
            match verdict {
                Verdict::Passed => writeln!(f, "passed           {id:<6} {suite}  {milliseconds} ms")?,
                Verdict::PassedWithout(details) => {
                    let details = details.join(", ");
                    writeln!(f, "passed without   {id:<6} {suite}  {milliseconds} ms  {details}")?;
                }
                Verdict::NotImplemented => writeln!(f, "not implemented  {id:<6} {suite}")?,
                Verdict::Failed(failure) => {
                    writeln!(f, "FAILED           {id:<6} {suite}  {milliseconds} ms\n    {failure}")?;
                }
            }
        }
        writeln!(
            f,
            "\n{:<22}{:>8}{:>8}{:>17}{:>12}",
            "suite", "passed", "failed", "not implemented", "time"
        )?;
        let mut sum = [0_usize; 3];
        for (suite, counts, elapsed) in self.totals() {
            let [passed, failed, missing] = counts;
            writeln!(f, "{suite:<22}{passed:>8}{failed:>8}{missing:>17}{:>9} ms", elapsed.as_millis())?;
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum = sum.saturating_add(count);
            }
        }
        let [passed, failed, missing] = sum;
        write!(f, "{:<22}{passed:>8}{failed:>8}{missing:>17}{:>9} ms", "all", self.elapsed.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_implemented_neither_passes_nor_fails() {
        let mut report = Report::default();
        report.add("step", "1-1", Verdict::Passed, Duration::from_millis(3));
        report.add("step", "1-2", Verdict::NotImplemented, Duration::ZERO);

        assert!(report.is_success());
        assert_eq!(report.passed(), 1);
        assert_eq!(report.not_implemented().collect::<Vec<_>>(), ["1-2"]);
    }

    #[test]
    fn a_report_has_a_line_per_requirement_and_totals_per_suite() {
        let mut report = Report { elapsed: Duration::from_millis(5), ..Report::default() };
        report.add("step", "1-1", Verdict::Passed, Duration::from_millis(3));
        report.add("step", "1-2", Verdict::Failed(Failure::new("event 2 is missing")), Duration::ZERO);
        report.add("wait", "2-1", Verdict::NotImplemented, Duration::ZERO);

        let text = report.to_string();

        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["passed", "1-1", "step", "3", "ms"]);
        assert_eq!(lines[2], ["event", "2", "is", "missing"]);
        assert_eq!(lines[3], ["not", "implemented", "2-1", "wait"]);
        assert_eq!(lines[6], ["step", "1", "1", "0", "3", "ms"]);
        assert_eq!(lines[7], ["wait", "0", "0", "1", "0", "ms"]);
        assert_eq!(lines[8], ["all", "1", "1", "1", "5", "ms"]);
        assert!(!report.is_success());
    }
}
