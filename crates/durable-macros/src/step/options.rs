//! The options of `#[durable::step]`.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr};

use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::options::{parse_equals, parse_options};
use crate::retry::Retry;

const MAX_NAME_CHARS: usize = 256;

/// What the attribute says.
#[derive(Default)]
pub(crate) struct StepOptions {
    name: Option<LitStr>,
    pub(crate) retry: Option<Retry>,
    pub(crate) at_most_once: bool,
    pub(crate) crate_path: CratePath,
}

impl StepOptions {
    /// The step's name: the one given, or the function's.
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

impl Parse for StepOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        parse_options(input, &["name", "retry", "at_most_once", "crate"], |key, input| {
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
                _ => options.at_most_once = true,
            }
            Ok(())
        })?;
        Ok(options)
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

/// Whether the service accepts this name.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
