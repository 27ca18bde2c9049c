//! Decides whether and when a failed attempt is repeated.

use std::time::Duration;

/// The retry policy of the AWS SDKs (mode `standard`, "Retry Behavior 2.1"): exponential backoff with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryPolicy {
    /// Attempts per request, including the first.
    pub(crate) max_attempts: u32,
    /// The upper bound of the first delay after a transient error.
    pub(crate) initial_backoff: Duration,
    /// The upper bound of the first delay after throttling.
    pub(crate) throttling_backoff: Duration,
    /// The upper bound of all delays.
    pub(crate) max_backoff: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial_backoff: Duration::from_millis(50),
            throttling_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(20),
        }
    }
}

/// Why a request may succeed if it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryReason {
    /// The network or the service failed.
    Transient,
    Throttling,
    /// The credentials have expired, and may be replaced.
    ExpiredCredentials,
    /// The signature was refused, perhaps for its date.
    RefusedSignature,
}

/// Why and after which delay a request may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryHint {
    pub(super) reason: RetryReason,
    /// The delay that the service asks for.
    pub(super) retry_after: Option<Duration>,
}

/// The attempts of one request.
#[derive(Debug)]
pub(super) struct Attempts {
    policy: RetryPolicy,
    /// The number of the attempt that is being made, from 1.
    current: u32,
}

/// How much longer than the backoff a delay may be that the service asks for.
const MAX_EXTRA_DELAY: Duration = Duration::from_secs(5);

/// The codes of errors by which services throttle requests.
const THROTTLING_CODES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

const TRANSIENT_CODES: &[&str] = &["RequestTimeout", "RequestTimeoutException"];
const EXPIRED_CODES: &[&str] = &["ExpiredTokenException", "ExpiredToken"];
const SIGNATURE_CODES: &[&str] = &["InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"];

impl RetryReason {
    /// Returns why a refused request may succeed if it is repeated.
    pub(super) fn of(status: u16, code: Option<&str>) -> Option<Self> {
        let is_in = |codes: &[&str]| code.is_some_and(|code| codes.contains(&code));
        if status == 429 || is_in(THROTTLING_CODES) {
            Some(Self::Throttling)
        } else if is_in(EXPIRED_CODES) {
            Some(Self::ExpiredCredentials)
        } else if is_in(SIGNATURE_CODES) {
            Some(Self::RefusedSignature)
        } else if matches!(status, 500 | 502 | 503 | 504) || is_in(TRANSIENT_CODES) {
            Some(Self::Transient)
        } else {
            None
        }
    }
}

impl Attempts {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        Self { policy, current: 1 }
    }

    /// Returns the number of the attempt that is being made, from 1.
    pub(super) fn current(&self) -> u32 {
        self.current
    }

    pub(super) fn max(&self) -> u32 {
        self.policy.max_attempts
    }

    /// Returns how long to wait before the next attempt, or `None` if there is none. The fraction is random, from 0 to 1.
    pub(super) fn handle_failed(&mut self, hint: RetryHint, fraction: f64) -> Option<Duration> {
        if self.current >= self.policy.max_attempts {
            return None;
        }
        let doublings = self.current - 1;
        self.current += 1;
        let first = match hint.reason {
            RetryReason::Transient => self.policy.initial_backoff,
            RetryReason::Throttling => self.policy.throttling_backoff,
            RetryReason::ExpiredCredentials | RetryReason::RefusedSignature => Duration::ZERO,
        };
        let bound = first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.policy.max_backoff);
        let backoff = bound.mul_f64(fraction.clamp(0.0, 1.0));
        Some(match hint.retry_after {
            Some(asked) => asked.clamp(backoff, backoff.saturating_add(MAX_EXTRA_DELAY)),
            None => backoff,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSIENT: RetryHint = RetryHint { reason: RetryReason::Transient, retry_after: None };
    const THROTTLED: RetryHint = RetryHint { reason: RetryReason::Throttling, retry_after: None };

    fn attempts(max_attempts: u32) -> Attempts {
        Attempts::new(RetryPolicy { max_attempts, ..RetryPolicy::default() })
    }

    fn millis(millis: u64) -> Option<Duration> {
        Some(Duration::from_millis(millis))
    }

    #[test]
    fn the_last_attempt_is_not_repeated() {
        let mut attempts = attempts(2);

        assert_eq!(attempts.current(), 1);
        assert!(attempts.handle_failed(TRANSIENT, 0.5).is_some());
        assert_eq!(attempts.current(), 2);
        assert_eq!(attempts.handle_failed(TRANSIENT, 0.5), None);
    }

    #[test]
    fn delays_double_up_to_a_limit() {
        let mut attempts = attempts(u32::MAX);

        let mut next = |hint| attempts.handle_failed(hint, 1.0);

        assert_eq!(next(TRANSIENT), millis(50));
        assert_eq!(next(TRANSIENT), millis(100));
        assert_eq!(next(THROTTLED), millis(4_000));
        assert_eq!(next(TRANSIENT), millis(400));
        assert_eq!((0..100).map(|_| next(THROTTLED)).last(), Some(millis(20_000)));
    }

    #[test]
    fn delays_are_random_from_zero_on() {
        assert_eq!(attempts(3).handle_failed(TRANSIENT, 0.0), millis(0));
        assert_eq!(attempts(3).handle_failed(THROTTLED, 0.25), millis(250));
    }

    #[test]
    fn a_delay_that_the_service_asks_for_is_kept_within_bounds() {
        let after = |asked| {
            let hint = RetryHint { retry_after: millis(asked), ..THROTTLED };
            attempts(3).handle_failed(hint, 1.0)
        };

        assert_eq!(after(10), millis(1_000));
        assert_eq!(after(3_000), millis(3_000));
        assert_eq!(after(60_000), millis(6_000));
    }

    #[test]
    fn expired_credentials_are_replaced_without_a_delay() {
        let hint = RetryHint { reason: RetryReason::ExpiredCredentials, retry_after: None };

        assert_eq!(attempts(3).handle_failed(hint, 1.0), millis(0));
    }

    #[test]
    fn responses_are_repeated_by_code_or_status() {
        let reason = RetryReason::of;

        assert_eq!(reason(429, None), Some(RetryReason::Throttling));
        assert_eq!(reason(400, Some("ThrottlingException")), Some(RetryReason::Throttling));
        assert_eq!(reason(503, Some("SlowDown")), Some(RetryReason::Throttling));
        assert_eq!(reason(403, Some("ExpiredTokenException")), Some(RetryReason::ExpiredCredentials));
        assert_eq!(reason(403, Some("InvalidSignatureException")), Some(RetryReason::RefusedSignature));
        assert_eq!(reason(400, Some("RequestTimeout")), Some(RetryReason::Transient));
        for status in [500, 502, 503, 504] {
            assert_eq!(reason(status, Some("ServiceException")), Some(RetryReason::Transient));
        }
        for status in [200, 302, 400, 403, 404, 409, 413, 501] {
            assert_eq!(reason(status, Some("InvalidParameterValueException")), None);
        }
    }
}
