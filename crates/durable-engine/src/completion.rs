//! The rules that decide when a map or parallel is complete, from the numbers of items that succeeded and failed.

use std::fmt;

/// The numbers of items in a batch that succeeded, failed and exist in total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The number of items.
    pub total: usize,
    /// The number of items that succeeded.
    pub succeeded: usize,
    /// The number of items that failed.
    pub failed: usize,
}

impl Tally {
    fn have_all_ended(self) -> bool {
        self.succeeded + self.failed >= self.total
    }
}

/// The reason why a batch was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionReason {
    /// All items have ended.
    AllCompleted,
    /// The required number of items succeeded.
    MinSuccessfulReached,
    /// More items failed than are tolerated.
    FailureToleranceExceeded,
    /// A user-defined rule declared that the batch has succeeded.
    CustomCompletionSucceeded,
    /// A user-defined rule declared that the batch has failed.
    CustomCompletionFailed,
}

impl CompletionReason {
    /// Returns the name of the reason in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllCompleted => "ALL_COMPLETED",
            Self::MinSuccessfulReached => "MIN_SUCCESSFUL_REACHED",
            Self::FailureToleranceExceeded => "FAILURE_TOLERANCE_EXCEEDED",
            Self::CustomCompletionSucceeded => "CUSTOM_COMPLETION_SUCCEEDED",
            Self::CustomCompletionFailed => "CUSTOM_COMPLETION_FAILED",
        }
    }

    /// Parses the name of a reason in a record.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::AllCompleted,
            Self::MinSuccessfulReached,
            Self::FailureToleranceExceeded,
            Self::CustomCompletionSucceeded,
            Self::CustomCompletionFailed,
        ];
        all.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for CompletionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rules by which a batch is complete before all of its items have ended.
///
/// Without any rule, the first failure completes the batch. If any rule is set, only the rules decide: with a minimum
/// number of successes alone, every failure is tolerated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Completion {
    /// The number of successes that complete the batch.
    pub min_successful: Option<usize>,
    /// The number of failures that are tolerated; one more completes the batch.
    pub tolerated_failure_count: Option<usize>,
    /// The tolerated share of failed items in percent, from 0 to 100; more complete the batch.
    pub tolerated_failure_percentage: Option<f64>,
}

impl Completion {
    /// Returns what is wrong with the rules for a batch of `total` items, if anything.
    pub fn problem(&self, total: usize) -> Option<String> {
        match (self.min_successful, self.tolerated_failure_percentage) {
            (Some(0), _) => Some("min_successful is 0, but must be at least 1".to_owned()),
            (Some(min), _) if min > total => {
                Some(format!("min_successful is {min}, but there are only {total} items"))
            }
            (_, Some(percentage)) if !(0.0..=100.0).contains(&percentage) => {
                Some(format!("tolerated_failure_percentage is {percentage}, but must be from 0 to 100"))
            }
            _ => None,
        }
    }

    /// Returns why the batch is complete, or `None` if it is not.
    pub fn decide(&self, tally: Tally) -> Option<CompletionReason> {
        if self.is_intolerable(tally) {
            return Some(CompletionReason::FailureToleranceExceeded);
        }
        if tally.have_all_ended() {
            return Some(CompletionReason::AllCompleted);
        }
        let is_enough = self.min_successful.is_some_and(|min| tally.succeeded >= min);
        is_enough.then_some(CompletionReason::MinSuccessfulReached)
    }

    fn is_intolerable(&self, tally: Tally) -> bool {
        if *self == Self::default() {
            return tally.failed > 0;
        }
        let too_many = self.tolerated_failure_count.is_some_and(|tolerated| tally.failed > tolerated);
        let share = |percentage: f64| percent(tally.failed) > percentage * percent(tally.total) / 100.0;
        too_many || self.tolerated_failure_percentage.is_some_and(share)
    }
}

/// The verdict of a user-defined rule about a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is not complete, unless all items have ended.
    Continue,
    /// It is complete and has succeeded.
    Succeed,
    /// It is complete and has failed.
    Fail,
}

impl Verdict {
    /// Returns why the batch is complete, or `None` if it is not.
    pub fn decide(self, tally: Tally) -> Option<CompletionReason> {
        match self {
            Self::Succeed => Some(CompletionReason::CustomCompletionSucceeded),
            Self::Fail => Some(CompletionReason::CustomCompletionFailed),
            Self::Continue => tally.have_all_ended().then_some(CompletionReason::AllCompleted),
        }
    }
}

/// Returns a count times one hundred, as a number to compare percentages with.
fn percent(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(total: usize, succeeded: usize, failed: usize) -> Tally {
        Tally { total, succeeded, failed }
    }

    #[test]
    fn without_rules_the_first_failure_completes_a_batch() {
        let rules = Completion::default();

        assert_eq!(rules.decide(tally(3, 2, 0)), None);
        assert_eq!(rules.decide(tally(3, 1, 1)), Some(CompletionReason::FailureToleranceExceeded));
        assert_eq!(rules.decide(tally(3, 3, 0)), Some(CompletionReason::AllCompleted));
        assert_eq!(rules.decide(tally(0, 0, 0)), Some(CompletionReason::AllCompleted));
    }

    #[test]
    fn enough_successes_complete_a_batch_and_failures_do_not() {
        let rules = Completion { min_successful: Some(2), ..Completion::default() };

        assert_eq!(rules.decide(tally(4, 1, 2)), None);
        assert_eq!(rules.decide(tally(4, 2, 1)), Some(CompletionReason::MinSuccessfulReached));
        assert_eq!(rules.decide(tally(3, 1, 2)), Some(CompletionReason::AllCompleted));
        assert_eq!(rules.decide(tally(2, 2, 0)), Some(CompletionReason::AllCompleted));
    }

    #[test]
    fn a_tolerance_is_exceeded_by_one_more_not_by_as_many() {
        let count = Completion { tolerated_failure_count: Some(1), ..Completion::default() };
        let share = Completion { tolerated_failure_percentage: Some(25.0), ..Completion::default() };

        assert_eq!(count.decide(tally(4, 0, 1)), None);
        assert_eq!(count.decide(tally(4, 0, 2)), Some(CompletionReason::FailureToleranceExceeded));
        assert_eq!(share.decide(tally(4, 0, 1)), None);
        assert_eq!(share.decide(tally(4, 0, 2)), Some(CompletionReason::FailureToleranceExceeded));
        assert_eq!(share.decide(tally(4, 3, 1)), Some(CompletionReason::AllCompleted));
    }

    #[test]
    fn a_verdict_completes_a_batch_whatever_the_counts_and_without_one_all_items_do() {
        let (some, all) = (tally(3, 1, 1), tally(3, 1, 2));

        assert_eq!(Verdict::Continue.decide(some), None);
        assert_eq!(Verdict::Continue.decide(all), Some(CompletionReason::AllCompleted));
        for counts in [some, all] {
            assert_eq!(Verdict::Succeed.decide(counts), Some(CompletionReason::CustomCompletionSucceeded));
            assert_eq!(Verdict::Fail.decide(counts), Some(CompletionReason::CustomCompletionFailed));
        }
    }

    #[test]
    fn every_reason_reads_back_from_its_word() {
        let words = [
            "ALL_COMPLETED",
            "MIN_SUCCESSFUL_REACHED",
            "FAILURE_TOLERANCE_EXCEEDED",
            "CUSTOM_COMPLETION_SUCCEEDED",
            "CUSTOM_COMPLETION_FAILED",
        ];

        for word in words {
            assert_eq!(CompletionReason::parse(word).map(CompletionReason::as_str), Some(word));
        }
        assert_eq!(CompletionReason::parse("BORED"), None);
    }

    #[test]
    fn rules_that_make_no_sense_are_told() {
        let min = |min| Completion { min_successful: Some(min), ..Completion::default() };
        let share = |share| Completion { tolerated_failure_percentage: Some(share), ..Completion::default() };

        assert!(min(0).problem(3).is_some() && min(4).problem(3).is_some() && min(3).problem(3).is_none());
        assert!([-1.0, 100.1, f64::NAN].into_iter().all(|percentage| share(percentage).problem(3).is_some()));
        assert!([0.0, 100.0].into_iter().all(|percentage| share(percentage).problem(3).is_none()));
    }
}
