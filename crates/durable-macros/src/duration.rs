//! Durations in attributes: "90s", "5m", "1h 30m", "2d".

use syn::LitStr;
use syn::parse::{Parse, ParseStream};

/// The maximum delay that the service accepts: 366 days.
const MAX_SECONDS: u64 = 31_622_400;

/// A duration of whole seconds, at least one.
#[derive(Debug, PartialEq)]
pub(crate) struct Seconds(pub(crate) u64);

impl Parse for Seconds {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let literal: LitStr = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "expected a duration in quotes, such as \"30s\"")
        })?;
        parse_text(&literal.value()).map(Self).map_err(|message| syn::Error::new_spanned(&literal, message))
    }
}

fn parse_text(text: &str) -> Result<u64, String> {
    let parts = split(text).ok_or_else(|| {
        format!(
            "`{text}` is not a duration; write whole numbers with s, m, h or d, such as \"30s\" or \"1h 30m\""
        )
    })?;
    let seconds =
        parts.iter().fold(0_u64, |sum, (count, unit)| sum.saturating_add(count.saturating_mul(*unit)));
    match seconds {
        0 => Err("a delay takes at least one second".to_owned()),
        1..=MAX_SECONDS => Ok(seconds),
        _ => Err("a delay takes at most 366 days".to_owned()),
    }
}

/// Parses counts and their units, in seconds. Returns `None` if the text contains anything else.
fn split(text: &str) -> Option<Vec<(u64, u64)>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, after) = rest.split_at_checked(digits)?;
        let mut unit = after.chars();
        let seconds = match unit.next()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        parts.push((count.parse().ok()?, seconds));
        rest = unit.as_str();
        // A unit extends to a space or the next number: "10ms" is not ten minutes.
        if !rest.starts_with(|c: char| c.is_ascii_digit() || c == ' ') && !rest.is_empty() {
            return None;
        }
        rest = rest.trim_start();
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_counts_with_units() {
        assert_eq!(parse_text("30s"), Ok(30));
        assert_eq!(parse_text("1h 30m"), Ok(5_400));
        assert_eq!(parse_text("1h30m"), Ok(5_400));
        assert_eq!(parse_text(" 2d "), Ok(172_800));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", " ", "5", "s", "5 s", "5ms", "500ms", "1.5s", "-1s", "5s,", "5x", "99999999999999999999s"]
        {
            assert!(parse_text(text).is_err_and(|message| message.contains("is not a duration")), "{text}");
        }
    }

    #[test]
    fn delays_stay_within_what_the_service_accepts() {
        assert!(parse_text("0s").is_err_and(|message| message.contains("at least")));
        assert!(parse_text("366d").is_ok());
        assert!(parse_text("366d 1s").is_err_and(|message| message.contains("at most")));
    }
}
