//! `#[durable::handler]`: checks a function, leaves it unchanged, and adds its companion.

mod descriptor;
mod determinism;
mod expansion;
mod options;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::errors::Errors;
use expansion::Expansion;
use options::HandlerOptions;

/// Expands the attribute on `item` into the item, and either its errors or the checks of its types and its companion.
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
    let expansion = match signature {
        Some(signature) if errors.is_empty() => {
            Expansion { crate_path: &options.crate_path, function: &function, signature: &signature }.tokens()
        }
        Some(_) | None => errors.into_compile_errors(),
    };
    quote!(#item #expansion)
}
