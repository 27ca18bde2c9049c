//! The `retry` option of the `step` attribute.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::token::Paren;
use syn::{Ident, Lit, LitInt, Path, Token, parenthesized};

use crate::crate_path::CratePath;
use crate::duration::Seconds;
use crate::options::{parse_equals, parse_options, unknown};

const STRATEGIES: &[&str] = &["exponential", "linear", "fixed", "none"];
const JITTERS: &[&str] = &["full", "half", "none"];

/// The default `max_delay` of strategies with growing delays, in seconds.
const DEFAULT_MAX_DELAY: u64 = 300;

/// A retry policy.
pub(crate) enum Retry {
    Strategy(Strategy),
    /// The path of a function, or of a constant that holds a strategy.
    Path(Path),
}

/// A strategy and its settings, in source order.
pub(crate) struct Strategy {
    base: Base,
    settings: Vec<Setting>,
}

enum Base {
    Exponential,
    Linear,
    Fixed(Seconds),
    None,
}

enum Setting {
    MaxAttempts(LitInt),
    Delay(Ident, Seconds),
    BackoffRate(f64),
    Jitter(Ident),
}

impl Retry {
    /// Returns the policy as an expression, with the crate at this path.
    pub(crate) fn expression(&self, crate_path: &CratePath) -> TokenStream {
        match self {
            Self::Strategy(strategy) => strategy.expression(crate_path),
            Self::Path(path) => path.to_token_stream(),
        }
    }
}

impl Strategy {
    fn expression(&self, crate_path: &CratePath) -> TokenStream {
        let strategy = quote!(#crate_path::retry::RetryStrategy);
        let base = match &self.base {
            Base::Exponential => quote!(#strategy::exponential()),
            Base::Linear => quote!(#strategy::linear()),
            Base::Fixed(delay) => {
                let delay = duration(delay);
                quote!(#strategy::fixed(#delay))
            }
            Base::None => quote!(#strategy::none()),
        };
        let settings = self.settings.iter().map(|setting| setting.call(crate_path));
        quote!(#base #(#settings)*)
    }
}

impl Parse for Retry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let word = ahead.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(
                error.span(),
                "expected a retry strategy (exponential(..), linear(..), fixed(..) or none) or the path of a function",
            )
        })?;
        let is_strategy = !ahead.peek(Token![::]) && STRATEGIES.contains(&word.to_string().as_str());
        if is_strategy || ahead.peek(Paren) {
            input.parse().map(Self::Strategy)
        } else {
            input.parse().map(Self::Path)
        }
    }
}

impl Parse for Strategy {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let strategy = input.call(Ident::parse_any)?;
        match strategy.to_string().as_str() {
            "exponential" => {
                let known = ["max_attempts", "initial_delay", "max_delay", "backoff_rate", "jitter"];
                parse_growing(Base::Exponential, input, &known)
            }
            "linear" => {
                let known = ["max_attempts", "initial_delay", "increment", "max_delay", "jitter"];
                parse_growing(Base::Linear, input, &known)
            }
            "fixed" => parse_fixed(&strategy, input),
            "none" => parse_none(input),
            _ => Err(unknown("retry strategy", &strategy, STRATEGIES)),
        }
    }
}

impl Setting {
    fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        parse_equals(key, input)?;
        match key.to_string().as_str() {
            "max_attempts" => parse_max_attempts(input).map(Self::MaxAttempts),
            "backoff_rate" => parse_backoff_rate(input).map(Self::BackoffRate),
            "jitter" => parse_jitter(input).map(Self::Jitter),
            _ => Ok(Self::Delay(key.clone(), input.parse()?)),
        }
    }

    fn call(&self, crate_path: &CratePath) -> TokenStream {
        match self {
            Self::MaxAttempts(attempts) => quote!(.max_attempts(#attempts)),
            Self::Delay(key, delay) => {
                let delay = duration(delay);
                quote!(.#key(#delay))
            }
            Self::BackoffRate(rate) => quote!(.backoff_rate(#rate)),
            Self::Jitter(jitter) => quote!(.jitter(#crate_path::retry::Jitter::#jitter)),
        }
    }
}

/// Parses a strategy with growing delays.
fn parse_growing(base: Base, input: ParseStream<'_>, known: &[&str]) -> syn::Result<Strategy> {
    let settings = parse_settings(input, known)?;
    let delay = |name: &str| {
        settings.iter().find_map(|setting| match setting {
            Setting::Delay(key, Seconds(seconds)) => (key == name).then_some((key, *seconds)),
            Setting::MaxAttempts(_) | Setting::BackoffRate(_) | Setting::Jitter(_) => None,
        })
    };
    let max = delay("max_delay");
    let longest = max.map_or(DEFAULT_MAX_DELAY, |(_, seconds)| seconds);
    match delay("initial_delay") {
        Some((key, initial)) if initial > longest => {
            let known = if max.is_some() { "" } else { ", which is \"5m\" unless it is set" };
            let message = format!("`initial_delay` is longer than `max_delay`{known}; raise `max_delay`");
            Err(syn::Error::new_spanned(key, message))
        }
        _ => Ok(Strategy { base, settings }),
    }
}

fn parse_none(input: ParseStream<'_>) -> syn::Result<Strategy> {
    if input.peek(Paren) {
        return Err(input.error("`none` has no options: there is one attempt and no delay"));
    }
    Ok(Strategy { base: Base::None, settings: Vec::new() })
}

/// Parses the settings in parentheses. Returns `None` if there are no parentheses.
fn parse_settings(input: ParseStream<'_>, known: &[&str]) -> syn::Result<Vec<Setting>> {
    if !input.peek(Paren) {
        return Ok(Vec::new());
    }
    let content;
    parenthesized!(content in input);
    parse_list(&content, known)
}

fn parse_list(input: ParseStream<'_>, known: &[&str]) -> syn::Result<Vec<Setting>> {
    let mut settings = Vec::new();
    parse_options(input, known, |key, input| {
        settings.push(Setting::parse(key, input)?);
        Ok(())
    })?;
    Ok(settings)
}

fn parse_fixed(strategy: &Ident, input: ParseStream<'_>) -> syn::Result<Strategy> {
    if !input.peek(Paren) {
        return Err(syn::Error::new_spanned(strategy, "expected the delay: `fixed(\"5s\")`"));
    }
    let content;
    parenthesized!(content in input);
    let delay = content.parse()?;
    if !content.is_empty() {
        content.parse::<Token![,]>()?;
    }
    Ok(Strategy { base: Base::Fixed(delay), settings: parse_list(&content, &["max_attempts", "jitter"])? })
}

fn parse_max_attempts(input: ParseStream<'_>) -> syn::Result<LitInt> {
    const EXPECTED: &str = "expected how many attempts are made in all, a whole number of at least 1";
    let literal: LitInt = input.parse().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
    match literal.base10_parse::<u32>() {
        Ok(1..) => Ok(literal),
        Ok(0) | Err(_) => Err(syn::Error::new_spanned(&literal, EXPECTED)),
    }
}

fn parse_backoff_rate(input: ParseStream<'_>) -> syn::Result<f64> {
    const EXPECTED: &str = "expected the factor from one delay to the next, a number of at least 1";
    let literal: Lit = input.parse().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
    let rate = match &literal {
        Lit::Int(int) => int.base10_parse::<f64>().ok(),
        Lit::Float(float) => float.base10_parse::<f64>().ok(),
        _ => None,
    };
    match rate {
        Some(rate) if rate >= 1.0 && rate.is_finite() => Ok(rate),
        Some(_) | None => Err(syn::Error::new_spanned(&literal, EXPECTED)),
    }
}

/// Returns the variant of `Jitter` that a word names.
fn parse_jitter(input: ParseStream<'_>) -> syn::Result<Ident> {
    let word = input.call(Ident::parse_any)?;
    let variant = match word.to_string().as_str() {
        "full" => "Full",
        "half" => "Half",
        "none" => "None",
        _ => return Err(unknown("jitter", &word, JITTERS)),
    };
    Ok(Ident::new(variant, word.span()))
}

fn duration(Seconds(seconds): &Seconds) -> TokenStream {
    let seconds = seconds.to_token_stream();
    quote!(::core::time::Duration::from_secs(#seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(written: &str) -> Result<String, String> {
        let retry: Retry = syn::parse_str(written).map_err(|error| error.to_string())?;
        Ok(retry.expression(&CratePath::default()).to_string().replace(' ', ""))
    }

    #[test]
    fn strategies_become_calls_of_their_builders_in_the_order_they_are_written() {
        let written =
            r#"exponential(max_attempts = 5, initial_delay = "2s", backoff_rate = 2, jitter = half)"#;

        let expression = expression(written).unwrap();

        assert_eq!(
            expression,
            "::durable::retry::RetryStrategy::exponential().max_attempts(5)\
             .initial_delay(::core::time::Duration::from_secs(2u64)).backoff_rate(2f64)\
             .jitter(::durable::retry::Jitter::Half)"
        );
    }

    #[test]
    fn parentheses_without_settings_may_be_left_out() {
        assert_eq!(expression("linear"), expression("linear()"));
        assert_eq!(expression("none").unwrap(), "::durable::retry::RetryStrategy::none()");
    }

    #[test]
    fn a_path_stands_for_a_function_and_strategies_have_no_paths() {
        assert_eq!(expression("retry_after").unwrap(), "retry_after");
        assert_eq!(expression("self::fixed").unwrap(), "self::fixed");
        assert_eq!(expression("payments::<Card>::RETRY").unwrap(), "payments::<Card>::RETRY");
        assert!(expression("quadratic(2)").is_err_and(|error| error.contains("unknown retry strategy")));
    }

    #[test]
    fn settings_that_a_strategy_does_not_have_are_refused() {
        assert!(expression("linear(backoff_rate = 2.0)").is_err_and(|error| error.contains("`increment`")));
        assert!(expression(r#"fixed("5s", max_delay = "9s")"#).is_err_and(|error| error.contains("unknown")));
        assert!(expression("none(max_attempts = 2)").is_err_and(|error| error.contains("no options")));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert!(expression("exponential(max_attempts = 0)").is_err());
        assert!(expression("exponential(backoff_rate = 0.5)").is_err());
        assert!(expression(r#"fixed("0s")"#).is_err());
        assert!(expression("fixed").is_err());
    }

    #[test]
    fn an_initial_delay_beyond_the_longest_is_refused_also_if_that_is_the_default() {
        let set = expression(r#"linear(max_delay = "1m", initial_delay = "61s")"#).unwrap_err();
        let default = expression(r#"exponential(initial_delay = "301s")"#).unwrap_err();

        assert_eq!(set, "`initial_delay` is longer than `max_delay`; raise `max_delay`");
        assert!(default.contains("\"5m\" unless it is set"), "{default}");
        assert!(expression(r#"exponential(initial_delay = "5m")"#).is_ok());
        assert!(expression(r#"exponential(initial_delay = "10m", max_delay = "10m")"#).is_ok());
    }
}
