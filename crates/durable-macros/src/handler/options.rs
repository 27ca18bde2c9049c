//! The options of `#[durable::handler]`.

use syn::parse::{Parse, ParseStream};
use syn::token::Paren;
use syn::{Ident, parenthesized};

use crate::crate_path::CratePath;
use crate::options::{parse_equals, parse_options, unknown};

/// The options of the attribute.
#[derive(Default)]
pub(crate) struct HandlerOptions {
    pub(crate) allows_nondeterminism: bool,
    pub(crate) crate_path: CratePath,
}

impl Parse for HandlerOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        parse_options(input, &["allow", "crate"], |key, input| {
            if key == "crate" {
                parse_equals(key, input)?;
                options.crate_path = CratePath::new(input.parse()?);
                return Ok(());
            }
            if !input.peek(Paren) {
                return Err(syn::Error::new_spanned(key, "write what is allowed: `allow(nondeterminism)`"));
            }
            let content;
            parenthesized!(content in input);
            let lint: Ident = content.parse()?;
            if lint != "nondeterminism" {
                return Err(unknown("check", &lint, &["nondeterminism"]));
            }
            options.allows_nondeterminism = true;
            Ok(())
        })?;
        Ok(options)
    }
}
