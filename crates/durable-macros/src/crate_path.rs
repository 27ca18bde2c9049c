//! The path of the `durable` crate in the code that uses a macro.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// `::durable`, or what `crate = ..` says.
#[derive(Default)]
pub(crate) struct CratePath(Option<Path>);

impl CratePath {
    /// The path that an option gives.
    pub(crate) fn new(path: Path) -> Self {
        Self(Some(path))
    }

    /// The path as if it were written at this place: errors about what is found there are reported there.
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
