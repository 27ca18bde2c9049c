//! The forms in which moments are written.

use durable_types::{Operation, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use crate::arbitrary::timestamp;

/// 2026-01-02T03:04:05.678Z
const MILLIS: i64 = 1_767_323_045_678;

fn read(value: serde_json::Value) -> Timestamp {
    serde_json::from_value(value).unwrap()
}

#[test]
fn whole_milliseconds_are_read() {
    assert_eq!(read(json!(MILLIS)).as_millis(), MILLIS);
}

#[test]
fn seconds_are_read_with_and_without_a_fraction() {
    assert_eq!(read(json!(1_767_323_045.678)).as_millis(), MILLIS);
    assert_eq!(read(json!(1_767_323_045)).as_millis(), 1_767_323_045_000);
    assert_eq!(read(json!(0)), Timestamp::EPOCH);
}

#[test]
fn iso_8601_is_read_with_any_offset() {
    for text in [
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678",
        "2026-01-02t03:04:05.678z",
        "2026-01-02T04:04:05.678+01:00",
        "2026-01-01T21:34:05.678-0530",
        "2026-01-02T03:04:05.678000000Z",
    ] {
        assert_eq!(read(json!(text)).as_millis(), MILLIS, "{text}");
    }
}

#[test]
fn a_date_and_a_time_with_a_space_between_are_read() {
    let timestamp = read(json!("2026-01-02 03:04:05.678901+00:00"));

    assert_eq!(timestamp.as_micros(), 1_767_323_045_678_901);
}

#[test]
fn the_days_of_a_leap_year_are_counted() {
    let leap: Timestamp = "2028-02-29T00:00:00Z".parse().unwrap();
    let before: Timestamp = "1969-12-31T23:59:59.500Z".parse().unwrap();

    assert_eq!(leap.as_millis(), 1_835_395_200_000);
    assert_eq!(before.as_millis(), -500);
    assert_eq!(before.to_string(), "1969-12-31T23:59:59.500Z");
}

#[test]
fn every_day_of_five_centuries_has_one_text() {
    let first_days = (-200 * 365..300 * 365).map(|day| Timestamp::from_millis(day * 86_400_000));

    for midnight in first_days {
        assert_eq!(midnight.to_string().parse(), Ok(midnight));
    }
}

#[test]
fn what_is_no_moment_is_refused_on_its_own() {
    for text in [
        "",
        "tomorrow",
        "2026-01-02",
        "2026-13-02T00:00:00Z",
        "2026-01-02T25:00:00Z",
        "2026-01-02T03:04:05.Z",
        "1767323045",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    assert!(serde_json::from_str::<Timestamp>("true").is_err());
    assert!(serde_json::from_str::<Timestamp>("1e300").is_err());
}

#[test]
fn a_moment_that_cannot_be_read_is_none_in_an_operation() {
    for unreadable in [json!("yesterday"), json!({"Seconds": 1}), json!([1]), json!(true), json!(null)] {
        let operation = |operation_type: &str| -> Operation {
            serde_json::from_value(json!({
                "Id": "charge-1", "Type": operation_type, "Status": "PENDING",
                "StartTimestamp": unreadable, "EndTimestamp": unreadable,
                "StepDetails": {"NextAttemptTimestamp": unreadable},
                "WaitDetails": {"ScheduledEndTimestamp": unreadable},
            }))
            .unwrap()
        };

        let (step, wait) = (operation("STEP"), operation("WAIT"));

        assert_eq!(step.start_timestamp, None, "{unreadable}");
        assert_eq!(step.end_timestamp, None);
        assert_eq!(step.step_details().unwrap().next_attempt_timestamp, None);
        assert_eq!(wait.wait_details().unwrap().scheduled_end_timestamp, None);
    }
}

#[test]
fn every_form_is_read_in_an_operation() {
    for moment in [
        json!(MILLIS),
        json!(1_767_323_045.678),
        json!("2026-01-02T03:04:05.678Z"),
        json!("2026-01-02 03:04:05.678000+00:00"),
    ] {
        let operation: Operation = serde_json::from_value(
            json!({"Id": "w", "Type": "WAIT", "Status": "STARTED", "StartTimestamp": moment}),
        )
        .unwrap();

        assert_eq!(operation.start_timestamp, Some(Timestamp::from_millis(MILLIS)), "{moment}");
    }
}

#[test]
fn an_unreadable_timestamp_of_an_operation_is_absent_and_the_rest_is_read() {
    for unreadable in [
        json!(null),
        json!(true),
        json!(1e300),
        json!(i64::MIN),
        json!(u64::MAX),
        json!("tomorrow"),
        json!([1, [2]]),
        json!({"seconds": {"value": 1}}),
    ] {
        let text = format!(
            r#"{{"Id":"w","StartTimestamp":{unreadable},"EndTimestamp":{MILLIS},"Type":"WAIT","Status":"STARTED"}}"#
        );

        let operation: Operation = serde_json::from_str(&text).unwrap();

        assert_eq!(operation.start_timestamp, None, "{unreadable}");
        assert_eq!(operation.end_timestamp, Some(Timestamp::from_millis(MILLIS)), "{unreadable}");
        assert_eq!(serde_json::from_value::<Operation>(text.parse().unwrap()).unwrap(), operation);
    }
}

#[test]
fn moments_out_of_range_become_the_nearest_one_in_range() {
    let year = std::time::Duration::from_secs(366 * 86_400);

    for late in [
        Timestamp::from_micros(i64::MAX),
        Timestamp::from_millis(i64::MAX),
        Timestamp::MAX.saturating_add(year),
        Timestamp::EPOCH.saturating_add(std::time::Duration::MAX),
        "9999-12-31T23:59:59Z".parse().unwrap(),
    ] {
        assert_eq!(late, Timestamp::MAX);
    }
    for early in [Timestamp::from_micros(i64::MIN), "0000-01-01T00:00:00+99:99".parse().unwrap()] {
        assert_eq!(early, Timestamp::MIN);
    }
    assert_eq!(Timestamp::MAX.to_string(), "2255-03-14T16:00:00.000Z");
    assert_eq!(Timestamp::MIN.to_string(), "1684-10-19T08:00:00.000Z");
    assert_eq!(Timestamp::MIN.saturating_since(Timestamp::MAX), std::time::Duration::ZERO);
}

proptest! {
    #[test]
    fn every_moment_is_read_back_as_it_was_written(micros: i64) {
        let timestamp = Timestamp::from_micros(micros);

        let written = serde_json::to_string(&timestamp).unwrap();

        prop_assert_eq!(serde_json::from_str::<Timestamp>(&written).unwrap(), timestamp);
        prop_assert_eq!(timestamp.to_string().parse::<Timestamp>().unwrap().as_millis(), timestamp.as_millis());
    }

    #[test]
    fn a_moment_as_text_is_read_back(timestamp in timestamp()) {
        let read: Timestamp = timestamp.to_string().parse().unwrap();

        prop_assert_eq!(read.as_millis(), timestamp.as_millis());
    }

    #[test]
    fn no_text_makes_reading_panic(text in ".{0,40}", digits in "[0-9]{0,12}[-T:.+ Z0-9]{0,30}") {
        let _ = text.parse::<Timestamp>();
        let _ = digits.parse::<Timestamp>();
    }

    #[test]
    fn no_number_makes_reading_panic(number in any::<f64>(), whole in any::<i64>()) {
        let _ = serde_json::from_value::<Timestamp>(json!(number));
        let _ = serde_json::from_value::<Timestamp>(json!(whole));
    }
}

#[test]
fn an_optional_timestamp_takes_no_more_memory_than_a_timestamp() {
    assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
}
