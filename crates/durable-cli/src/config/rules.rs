//! The limits and timeouts of the service, `[service.rules]`.

use std::time::Duration;

use durable_service::{Backoff, Settings};
use durable_types::limits;
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;

/// The maximum of limits whose bound on AWS exceeds what a machine can handle.
const MAX_AMOUNT: u32 = u32::MAX;

/// `[service.rules]` as parsed. The defaults are those of Lambda.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RulesTable {
    max_operations: Option<Spanned<u64>>,
    max_data_bytes: Option<Spanned<u64>>,
    max_operation_payload_bytes: Option<Spanned<u64>>,
    max_execution_payload_bytes: Option<Spanned<u64>>,
    max_error_bytes: Option<Spanned<u64>>,
    invocation_page_bytes: Option<Spanned<u64>>,
    invocation_page_items: Option<Spanned<u64>>,
    response_page_bytes: Option<Spanned<u64>>,
    response_page_items: Option<Spanned<u64>>,
    runtime_error_retries: Option<Spanned<u64>>,
    max_handler_errors: Option<Spanned<u64>>,
    max_idle_answers: Option<Spanned<u64>>,
    handler_error_backoff: BackoffTable,
}

/// `handler_error_backoff` as parsed, in seconds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BackoffTable {
    initial: Option<Spanned<u64>>,
    max: Option<Spanned<u64>>,
}

impl RulesTable {
    pub(super) fn check(self, source: &Source<'_>) -> Result<Settings, ConfigError> {
        let mut rules = Settings::default();
        // The shapes of the API reject larger values.
        let payloads = [
            (
                "max_operation_payload_bytes",
                self.max_operation_payload_bytes,
                &mut rules.max_operation_payload_bytes,
            ),
            (
                "max_execution_payload_bytes",
                self.max_execution_payload_bytes,
                &mut rules.max_execution_payload_bytes,
            ),
            ("max_error_bytes", self.max_error_bytes, &mut rules.max_error_bytes),
        ];
        for (key, value, rule) in payloads {
            let most = u64::try_from(*rule).unwrap_or(u64::MAX);
            set(rule, source.number(key, value, 1..=most)?);
        }
        let amounts = [
            ("max_operations", self.max_operations, &mut rules.max_operations),
            ("max_data_bytes", self.max_data_bytes, &mut rules.max_data_bytes),
            ("invocation_page_bytes", self.invocation_page_bytes, &mut rules.invocation_page_bytes),
            ("invocation_page_items", self.invocation_page_items, &mut rules.invocation_page_items),
            ("response_page_bytes", self.response_page_bytes, &mut rules.response_page_bytes),
            ("response_page_items", self.response_page_items, &mut rules.response_page_items),
        ];
        for (key, value, rule) in amounts {
            set(rule, source.number(key, value, 1..=MAX_AMOUNT.into())?);
        }
        let times = |key, value, least| {
            let number = source.number(key, value, least..=MAX_AMOUNT.into())?;
            Ok(number.and_then(|number| u32::try_from(number).ok()))
        };
        if let Some(retries) = times("runtime_error_retries", self.runtime_error_retries, 0)? {
            rules.runtime_error_retries = retries;
        }
        if let Some(answers) = times("max_idle_answers", self.max_idle_answers, 1)? {
            rules.max_idle_answers = answers;
        }
        rules.max_handler_errors = times("max_handler_errors", self.max_handler_errors, 1)?;
        rules.handler_error_backoff = self.handler_error_backoff.check(source)?;
        Ok(rules)
    }
}

/// Returns the keys of the rules that differ.
pub(super) fn differing_keys(rules: &Settings, other: &Settings) -> impl Iterator<Item = &'static str> {
    let keys = [
        ("max_operations", rules.max_operations != other.max_operations),
        ("max_data_bytes", rules.max_data_bytes != other.max_data_bytes),
        (
            "max_operation_payload_bytes",
            rules.max_operation_payload_bytes != other.max_operation_payload_bytes,
        ),
        (
            "max_execution_payload_bytes",
            rules.max_execution_payload_bytes != other.max_execution_payload_bytes,
        ),
        ("max_error_bytes", rules.max_error_bytes != other.max_error_bytes),
        ("invocation_page_bytes", rules.invocation_page_bytes != other.invocation_page_bytes),
        ("invocation_page_items", rules.invocation_page_items != other.invocation_page_items),
        ("response_page_bytes", rules.response_page_bytes != other.response_page_bytes),
        ("response_page_items", rules.response_page_items != other.response_page_items),
        ("runtime_error_retries", rules.runtime_error_retries != other.runtime_error_retries),
        ("max_handler_errors", rules.max_handler_errors != other.max_handler_errors),
        ("max_idle_answers", rules.max_idle_answers != other.max_idle_answers),
        ("handler_error_backoff", rules.handler_error_backoff != other.handler_error_backoff),
    ];
    keys.into_iter().filter_map(|(key, differs)| differs.then_some(key))
}

fn set(rule: &mut usize, number: Option<u64>) {
    if let Some(number) = number {
        *rule = usize::try_from(number).unwrap_or(usize::MAX);
    }
}

impl BackoffTable {
    fn check(self, source: &Source<'_>) -> Result<Backoff, ConfigError> {
        let mut backoff = Backoff::default();
        let place = self.initial.as_ref().map(Spanned::span);
        for (key, value, delay) in [
            ("handler_error_backoff.initial", self.initial, &mut backoff.initial),
            ("handler_error_backoff.max", self.max, &mut backoff.max),
        ] {
            if let Some(seconds) = source.number(key, value, 0..=limits::MAX_EXECUTION_SECONDS.into())? {
                *delay = Duration::from_secs(seconds);
            }
        }
        if let Some(place) = place.filter(|_| backoff.initial > backoff.max) {
            return Err(source.error_at(place, "`handler_error_backoff.initial` must not exceed its `max`"));
        }
        Ok(backoff)
    }
}
