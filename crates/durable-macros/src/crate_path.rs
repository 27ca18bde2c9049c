//! The path of the `durable` crate in the code that uses a macro.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// Returns `::durable`, or the path given by `crate = ..`.
#[derive(Default)]
pub(crate) struct CratePath(Option<Path>);

impl CratePath {
    /// Parses the path given by an option.
    pub(crate) fn new(path: Path) -> Self {
        Self(Some(path))
    }

    /// Returns the path with this span, where errors about its items are then reported.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(span=> ::durable),
        }
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.at(Span::call_site()));
    }
}
