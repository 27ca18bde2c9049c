//! The options of `#[derive(DurableError)]`.

use syn::parse::ParseStream;
use syn::{Attribute, LitStr};

use crate::crate_path::CratePath;
use crate::options::{parse_equals, parse_options};

/// The options in `#[durable(..)]`.
#[derive(Default)]
pub(crate) struct ErrorOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) crate_path: CratePath,
}

impl ErrorOptions {
    /// Parses the attributes of a type.
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("durable")) {
            attribute.parse_args_with(|input: ParseStream<'_>| options.read(input))?;
        }
        Ok(options)
    }

    fn read(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        parse_options(input, &["name", "crate"], |key, input| {
            parse_equals(key, input)?;
            if key == "crate" {
                self.crate_path = CratePath::new(input.parse()?);
                return Ok(());
            }
            let name: LitStr = input.parse()?;
            if name.value().is_empty() {
                return Err(syn::Error::new_spanned(name, "the name of an error type is not empty"));
            }
            self.name = Some(name);
            Ok(())
        })
    }
}
