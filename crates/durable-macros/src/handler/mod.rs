//! `#[durable::handler]`: leaves the function as it is, and checks it.

mod checks;
mod determinism;
mod options;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::errors::Errors;
use options::HandlerOptions;

/// Expands the attribute on `item`: the item, and either what is wrong with it or the checks of its types.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options: HandlerOptions = errors.or_default(syn::parse2(options));
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        errors.at(
            &item,
            "`#[durable::handler]` checks an `async fn` that takes an event and a `DurableContext`",
        );
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    let signature = signature::read(&function.sig, &mut errors);
    if !options.allows_nondeterminism {
        determinism::check(&function, &mut errors);
    }
    let checks = match signature {
        Some(signature) if errors.is_empty() => checks::of(&function.sig, &signature, &options.crate_path),
        Some(_) | None => errors.into_compile_errors(),
    };
    quote!(#item #checks)
}
