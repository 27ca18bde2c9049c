//! The items generated for a handler: type checks, and the companion, which describes it and binds its state.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, ItemFn};

use super::descriptor;
use super::signature::HandlerSignature;
use crate::attributes::Attributes;
use crate::crate_path::CratePath;
use crate::parameter::Parameter;
use crate::wrapper_signature::WrapperSignature;

/// A handler whose signature is valid.
pub(crate) struct Expansion<'a> {
    pub(crate) crate_path: &'a CratePath,
    pub(crate) function: &'a ItemFn,
    pub(crate) signature: &'a HandlerSignature<'a>,
}

impl Expansion<'_> {
    /// Returns the companion, and the checks of a handler without state. Those of a handler with state are in its
    /// companion.
    pub(crate) fn tokens(&self) -> TokenStream {
        if self.signature.state.is_empty() {
            let (checks, companion) = (self.checks(), self.companion(&TokenStream::new()));
            quote!(#checks #companion)
        } else {
            self.companion(&self.with())
        }
    }

    /// Returns a function that is never called, and fails to compile if a type does not meet the requirements of `run`.
    fn checks(&self) -> TokenStream {
        let Attributes { everywhere, .. } = Attributes::sort(&self.function.attrs);
        let crate_path = self.crate_path;
        let handler = &self.function.sig;
        let (generics, _, where_clause) = handler.generics.split_for_impl();
        let event = self.signature.event;
        let checks = self.checks_of_types();
        let call = self.call();
        let (event_name, context) = (parameter("event"), parameter("ctx"));
        let future = Ident::new("future", handler.ident.span());
        // Errors point at the user's tokens.
        let is_send = quote_spanned!(handler.ident.span()=> #crate_path::macro_support::is_send(&#future));
        quote! {
            #(#everywhere)*
            const _: () = {
                #[allow(dead_code)]
                fn check #generics (#event_name: #event, #context: #crate_path::DurableContext) #where_clause {
                    #checks
                    let #future = #call;
                    #is_send;
                }
            };
        }
    }

    /// Returns a type with the name of the handler, whose functions describe the handler and bind its state.
    fn companion(&self, with: &TokenStream) -> TokenStream {
        let Attributes { everywhere, .. } = Attributes::sort(&self.function.attrs);
        let ItemFn { vis, sig, .. } = self.function;
        let handler = &sig.ident;
        let constructor = descriptor::constructor(self.crate_path, self.function, self.signature);
        // Another type of this name is reported at the function's name.
        let declaration = quote_spanned!(handler.span()=> #vis enum #handler {});
        let doc = format!("The handler `{handler}` as a type: its descriptor, and its state if it has any.");
        quote! {
            #(#everywhere)*
            #[doc = #doc]
            #[allow(dead_code, non_camel_case_types, missing_debug_implementations, missing_copy_implementations)]
            #declaration

            #(#everywhere)*
            #[allow(dead_code)]
            impl #handler {
                #constructor
                #with
            }
        }
    }

    /// Returns the function `with`, which binds the state.
    fn with(&self) -> TokenStream {
        let crate_path = self.crate_path;
        let ItemFn { vis, sig, .. } = self.function;
        let HandlerSignature { event, output, state } = self.signature;
        let handler = &sig.ident;
        let signature = WrapperSignature::new("'state", sig, state);
        let (generic_params, _, where_clause) = signature.generics.split_for_impl();
        let (lifetime, parameters, captures) =
            (&signature.lifetime, signature.parameters(), signature.captures());
        let checks = self.checks_of_types();
        let clones = state.iter().filter_map(Parameter::cloned);
        let call = self.call();
        // A future that is not `Send` is reported at the function's name.
        let boxed = quote_spanned!(handler.span()=> ::std::boxed::Box::pin(#call));
        let future = quote!(#crate_path::macro_support::HandlerFuture<#lifetime, #output>);
        let doc = format!("The handler `{handler}` with this state, for `run` and for the test runner.");
        let (event_name, context) = (parameter("event"), parameter("ctx"));
        quote! {
            #[doc = #doc]
            #vis fn with #generic_params (#parameters) -> impl ::core::ops::Fn(#event, #crate_path::DurableContext) -> #future
                + ::core::clone::Clone + #captures
            #where_clause
            {
                #checks

                move |#event_name: #event, #context: #crate_path::DurableContext| -> #future {
                    #(#clones)*
                    #boxed
                }
            }
        }
    }

    /// Returns calls that compile only for valid types, with the spans of those types.
    fn checks_of_types(&self) -> TokenStream {
        let HandlerSignature { event, output, state } = self.signature;
        let crate_path = self.crate_path;
        let support = quote!(#crate_path::macro_support);
        let value = quote_spanned!(output.span()=> <#output as #support::Fallible>::Value);
        let error = quote_spanned!(output.span()=> <#output as #support::Fallible>::Error);
        let state = state.iter().filter(|state| state.has_named_type()).map(|state| &state.ty);
        quote! {
            #support::is_event::<#event>();
            #support::is_output::<#value>();
            #support::is_failure::<#error>();
            #(#support::is_state::<#state>();)*
        }
    }

    /// Returns the call of the handler.
    fn call(&self) -> TokenStream {
        let handler = &self.function.sig.ident;
        let types = self.function.sig.generics.params.iter().filter_map(|param| match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
        });
        let (event, context) = (parameter("event"), parameter("ctx"));
        let state = self.signature.state.iter().map(|state| &state.name);
        quote!(#handler::<#(#types),*>(#event, #context, #(#state),*))
    }
}

/// Returns a parameter name that cannot collide with user code.
fn parameter(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
