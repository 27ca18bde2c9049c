//! `#[derive(DurableError)]`: names an error type in the record, and makes `?` preserve the type.

mod options;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::DeriveInput;

use crate::errors::Errors;
use options::ErrorOptions;

/// Expands the derive on `item`.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match syn::parse2::<DeriveInput>(item) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    let options = errors.or_default(ErrorOptions::of(&item.attrs));
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics,
            "an error type with parameters is many types that would share one name; \
             implement `DurableError` for each that is recorded, and convert it with `Error::typed`",
        );
    }
    if !errors.is_empty() {
        return errors.into_compile_errors();
    }
    implementations(&item, &options)
}

fn implementations(item: &DeriveInput, ErrorOptions { name, crate_path }: &ErrorOptions) -> TokenStream {
    let error = &item.ident;
    let name = match name {
        Some(name) => quote!(#name),
        None => {
            let label = format!("::{error}");
            quote!(::core::concat!(::core::module_path!(), #label))
        }
    };
    // The compiler shows these names where `?` is applied to an error that contains this one but is not named itself.
    let holder = format_ident!("AnErrorThatHolds{error}");
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #crate_path::DurableError for #error {
                const ERROR_TYPE: &'static str = #name;
            }

            #[automatically_derived]
            impl ::core::convert::From<#error> for #crate_path::Error {
                fn from(error: #error) -> Self {
                    #crate_path::Error::typed(error)
                }
            }

            #[automatically_derived]
            impl #crate_path::error::IntoError for #error {
                fn into_error(self) -> #crate_path::Error {
                    #crate_path::Error::typed(self)
                }
            }

            #[diagnostic::on_unimplemented(
                message = "an error that holds a `DurableError` must derive `DurableError` as well",
                note = "or give the type up: `.map_err(durable::Error::from_boxed)`"
            )]
            trait DerivesDurableError {}

            #[allow(dead_code)]
            struct #holder<'a>(::core::marker::PhantomData<&'a ()>);

            // The type and those that contain it are excluded from the conversion that `?` applies to other error types,
            // which would lose the type.
            #[automatically_derived]
            impl<'a> ::core::marker::Unpin for #error where #holder<'a>: DerivesDurableError {}
        };
    }
}
