//! `#[durable::step]`: replaces a function by a wrapper, with the function itself as its companion.

mod expansion;
mod options;
mod parameters;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::errors::Errors;
use expansion::Expansion;
use options::StepOptions;
use parameters::Parameters;

/// Expands the attribute on `item`. Errors in either become compile errors next to the item.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options: StepOptions = errors.or_default(syn::parse2(options));
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        errors
            .at(&item, "`#[durable::step]` makes a step of an `async fn`; for a closure, use `ctx.step(..)`");
        return beside(item, errors);
    };
    signature::check(&function.sig, &mut errors);
    let name = options.name(&function.sig.ident, &mut errors);
    let parameters = Parameters::of(&function.sig, &mut errors);
    if !errors.is_empty() {
        return beside(item, errors);
    }
    Expansion { options: &options, name: &name, function: &function, parameters: &parameters }.tokens()
}

fn beside(item: TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.into_compile_errors();
    quote!(#errors #item)
}
