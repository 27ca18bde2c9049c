//! Moments.

use aws_smithy_types::DateTime;
use durable_types::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;

pub(super) fn from_aws(moment: DateTime) -> Timestamp {
    // The wire has fractions as decimals, which come out of a float slightly off: to the nearest microsecond.
    let fraction = i64::from((moment.subsec_nanos() + 500) / 1_000);
    Timestamp::from_micros(moment.secs().saturating_mul(MICROS_PER_SECOND).saturating_add(fraction))
}
