//! Checks of a handler's types, as code that compiles only if they are right.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Signature};

use super::signature::HandlerSignature;
use crate::crate_path::CratePath;

/// A function that nobody calls, which fails to compile where a type is not what `run` needs.
pub(crate) fn of(
    signature: &Signature,
    HandlerSignature { event, output }: &HandlerSignature<'_>,
    crate_path: &CratePath,
) -> TokenStream {
    let handler = &signature.ident;
    let (generics, _, where_clause) = signature.generics.split_for_impl();
    let types = signature.generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
    });
    let future = Ident::new("future", handler.span());
    // Each of these points at the user's own tokens when it fails.
    let is_send = quote_spanned!(handler.span()=> support::is_send(&#future));
    let value = quote_spanned!(output.span()=> <#output as support::Fallible>::Value);
    let error = quote_spanned!(output.span()=> <#output as support::Fallible>::Error);
    quote! {
        const _: () = {
            use #crate_path::macro_support as support;

            #[allow(dead_code)]
            fn check #generics (event: #event, ctx: #crate_path::DurableContext) #where_clause {
                support::is_event::<#event>();
                support::is_output::<#value>();
                support::is_failure::<#error>();
                let #future = #handler::<#(#types),*>(event, ctx);
                #is_send;
            }
        };
    }
}
