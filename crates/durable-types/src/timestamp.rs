//! Timestamps, in all formats that the service and its SDKs write.

use std::fmt;
use std::num::NonZeroI64;
use std::time::Duration;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MIN_MICROS: i64 = -9_000_000_000_000_000;
const MAX_MICROS: i64 = 9_000_000_000_000_000;
const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Numbers from here on are milliseconds, smaller ones seconds: the year 5138 in seconds, 1973 in milliseconds.
const FIRST_MILLIS: u64 = 100_000_000_000;

/// A point in time with microsecond precision.
///
/// It is serialized as seconds since the epoch, the format of API responses, and deserialized from all four formats
/// in use: milliseconds and seconds since the epoch, ISO 8601, and `2026-01-02 03:04:05.678901+00:00`.
///
/// On the wire, milliseconds differ from seconds only by magnitude: numbers from 100,000,000,000 on are
/// milliseconds. Milliseconds before March 1973 are therefore misread, so fake clocks should start later.
///
/// # Invariants
/// - It lies between [`MIN`](Self::MIN) and [`MAX`](Self::MAX), so every serialized value deserializes. Arithmetic
///   and conversions saturate there.
///
/// ```
/// use durable_types::Timestamp;
///
/// let moment: Timestamp = "2026-01-02T03:04:05.678Z".parse()?;
///
/// assert_eq!(moment.as_millis(), 1_767_323_045_678);
/// assert_eq!(moment.to_string(), "2026-01-02T03:04:05.678Z");
/// # Ok::<(), durable_types::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// The distance from the microsecond before [`MIN`](Self::MIN), so that an `Option` takes no more memory.
    offset: NonZeroI64,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self::from_micros(0);

    /// The earliest timestamp: 1684-10-19T08:00:00Z.
    pub const MIN: Self = Self::from_micros(MIN_MICROS);

    /// The latest timestamp: 2255-03-14T16:00:00Z.
    ///
    /// Up to here, every microsecond is exact as an `f64`, the wire format of timestamps.
    pub const MAX: Self = Self::from_micros(MAX_MICROS);

    /// Creates a timestamp from milliseconds since the epoch, saturating at the bounds.
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_micros(millis.saturating_mul(1_000))
    }

    /// Creates a timestamp from microseconds since the epoch, saturating at the bounds.
    pub const fn from_micros(micros: i64) -> Self {
        let micros = if micros > MAX_MICROS {
            MAX_MICROS
        } else if micros < MIN_MICROS {
            MIN_MICROS
        } else {
            micros
        };
        match NonZeroI64::new(micros - MIN_MICROS + 1) {
            Some(offset) => Self { offset },
            // The difference is at least 1.
            None => Self { offset: NonZeroI64::MAX },
        }
    }

    /// Returns the milliseconds since the epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.as_micros().div_euclid(1_000)
    }

    /// Returns the microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.offset.get() - 1 + MIN_MICROS
    }

    /// Returns the time elapsed since `earlier`, or zero if `earlier` is later.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let micros = self.as_micros().saturating_sub(earlier.as_micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }

    /// Adds a duration, saturating at [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.as_micros().saturating_add(micros))
    }

    /// Converts a whole number on the wire: seconds or milliseconds since the epoch, depending on its magnitude.
    fn from_integer(number: i64) -> Option<Self> {
        let micros_per_unit = if number.unsigned_abs() >= FIRST_MILLIS { 1_000 } else { MICROS_PER_SECOND };
        let micros = number.checked_mul(micros_per_unit)?;
        (MIN_MICROS..=MAX_MICROS).contains(&micros).then(|| Self::from_micros(micros))
    }

    /// Converts a number on the wire, as [`from_integer`](Self::from_integer) does.
    fn from_number(number: f64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "exact")]
        let is_millis = number.abs() >= FIRST_MILLIS as f64;
        let micros = if is_millis { number * 1e3 } else { number * 1e6 };
        // The bounds are those of the type. Within them every whole number has an exact f64, so nothing is lost.
        if !(-9.0e15..=9.0e15).contains(&micros) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked to be in range just above")]
        let micros = micros.round() as i64;
        Some(Self::from_micros(micros))
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::EPOCH
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timestamp").field("micros", &self.as_micros()).finish()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "microseconds are exact up to MAX")]
        serializer.serialize_f64(self.as_micros() as f64 / 1e6)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyForm)
    }
}

struct AnyForm;

impl Visitor<'_> for AnyForm {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp: milliseconds or seconds since the epoch, or an ISO 8601 text")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Timestamp, E> {
        Timestamp::from_integer(number).ok_or_else(|| E::custom(InvalidTimestamp))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Timestamp, E> {
        let number = i64::try_from(number).map_err(|_| E::custom(InvalidTimestamp))?;
        self.visit_i64(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
        Timestamp::from_number(number).ok_or_else(|| E::custom(InvalidTimestamp))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }
}

/// Deserializes an optional timestamp. One that cannot be read is `None`, because no rule depends on it.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    deserializer.deserialize_any(Lenient)
}

/// Not an untagged enum, which would buffer each of the many timestamps of a journal.
struct Lenient;

impl<'de> Visitor<'de> for Lenient {
    type Value = Option<Timestamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        AnyForm.expecting(f)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<Timestamp>, E> {
        Ok(Timestamp::from_integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<Timestamp>, E> {
        Ok(i64::try_from(number).ok().and_then(Timestamp::from_integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<Timestamp>, E> {
        Ok(Timestamp::from_number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Timestamp>, E> {
        Ok(text.parse().ok())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<Timestamp>, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Option<Timestamp>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Timestamp>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<Timestamp>, A::Error> {
        IgnoredAny.visit_seq(list)?;
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Timestamp>, A::Error> {
        IgnoredAny.visit_map(map)?;
        Ok(None)
    }
}

/// The error for a string that is not a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a timestamp; expected a date and a time such as 2026-01-02T03:04:05.678Z")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_micros().div_euclid(MICROS_PER_SECOND);
        let millis = self.as_micros().rem_euclid(MICROS_PER_SECOND) / 1_000;
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl std::str::FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let mut rest = Rest(text.as_bytes());
        let year = rest.number(4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2)?;
        rest.one_of(b"-")?;
        let day = rest.number(2)?;
        rest.one_of(b"T t")?;
        let hour = rest.number(2)?;
        rest.one_of(b":")?;
        let minute = rest.number(2)?;
        rest.one_of(b":")?;
        let second = rest.number(2)?;
        let fraction = rest.fraction()?;
        let offset = rest.offset_seconds()?;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
            return Err(InvalidTimestamp);
        }
        let seconds =
            days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
        Ok(Self::from_micros((seconds - offset) * MICROS_PER_SECOND + fraction))
    }
}

/// The rest of the text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn one_of(&mut self, bytes: &[u8]) -> Result<u8, InvalidTimestamp> {
        self.byte().filter(|byte| bytes.contains(byte)).ok_or(InvalidTimestamp)
    }

    fn digit(&mut self) -> Result<i64, InvalidTimestamp> {
        self.one_of(b"0123456789").map(|digit| i64::from(digit - b'0'))
    }

    fn number(&mut self, digits: usize) -> Result<i64, InvalidTimestamp> {
        (0..digits).try_fold(0, |number, _| Ok(number * 10 + self.digit()?))
    }

    /// Parses an optional fraction of a second, in microseconds.
    fn fraction(&mut self) -> Result<i64, InvalidTimestamp> {
        if self.0.first() != Some(&b'.') {
            return Ok(0);
        }
        self.byte();
        let mut micros = 0;
        let mut scale = MICROS_PER_SECOND;
        loop {
            scale /= 10;
            micros += self.digit()? * scale;
            if !self.0.first().is_some_and(u8::is_ascii_digit) {
                return Ok(micros);
            }
        }
    }

    /// Parses the offset from UTC at the end of the text, in seconds: absent, `Z`, `+01:00` or `+0100`.
    fn offset_seconds(&mut self) -> Result<i64, InvalidTimestamp> {
        let sign = match self.byte() {
            None => return Ok(0),
            Some(b'Z' | b'z') => 0,
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return Err(InvalidTimestamp),
        };
        let mut seconds = 0;
        if sign != 0 {
            seconds = self.number(2)? * 3_600;
            if self.0.first() == Some(&b':') {
                self.byte();
            }
            seconds += self.number(2)? * 60;
        }
        if self.0.is_empty() { Ok(sign * seconds) } else { Err(InvalidTimestamp) }
    }
}

/// Converts a Gregorian date to days since the epoch.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Converts days since the epoch to a Gregorian date.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
