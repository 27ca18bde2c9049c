//! The options of `#[durable::step]`.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr};

use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::options::{parse_equals, parse_options};
use crate::retry::Retry;

const MAX_NAME_CHARS: usize = 256;

const OPTIONS: [&str; 5] = ["name", "retry", "at_most_once", "at_most_once_per_retry", "crate"];

/// The options of the attribute.
#[derive(Default)]
pub(crate) struct StepOptions {
    name: Option<LitStr>,
    pub(crate) retry: Option<Retry>,
    semantics: Option<Ident>,
    pub(crate) crate_path: CratePath,
}

impl StepOptions {
    /// Returns the name of the step: the given one, or that of the function.
    pub(crate) fn name(&self, function: &Ident, errors: &mut Errors) -> String {
        if let Some(name) = &self.name {
            return name.value();
        }
        let name = function.unraw().to_string();
        if !is_name(&name) {
            errors.at(function, "a step's name is ASCII; give it one: `#[durable::step(name = \"..\")]`");
        }
        name
    }
}

impl StepOptions {
    /// Returns the variant of `StepSemantics` that the attribute sets.
    pub(crate) fn semantics(&self) -> Option<Ident> {
        let word = self.semantics.as_ref()?;
        let variant = if word == "at_most_once" { "AtMostOnce" } else { "AtMostOncePerRetry" };
        Some(Ident::new(variant, word.span()))
    }
}

impl Parse for StepOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        parse_options(input, &OPTIONS, |key, input| {
            match key.to_string().as_str() {
                "name" => {
                    parse_equals(key, input)?;
                    options.name = Some(parse_name(input)?);
                }
                "retry" => {
                    parse_equals(key, input)?;
                    options.retry = Some(input.parse()?);
                }
                "crate" => {
                    parse_equals(key, input)?;
                    options.crate_path = CratePath::new(input.parse()?);
                }
                _ => options.semantics = Some(one_semantics(options.semantics.take(), key)?),
            }
            Ok(())
        })?;
        Ok(options)
    }
}

fn one_semantics(set: Option<Ident>, key: &Ident) -> syn::Result<Ident> {
    match set {
        None => Ok(key.clone()),
        Some(set) => {
            Err(syn::Error::new_spanned(key, format!("`{key}` and `{set}` exclude each other; write one")))
        }
    }
}

fn parse_name(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let name: LitStr = input.parse()?;
    if is_name(&name.value()) {
        Ok(name)
    } else {
        Err(syn::Error::new_spanned(name, "a step's name has 1 to 256 printable ASCII characters"))
    }
}

/// Returns whether the service accepts this name.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
