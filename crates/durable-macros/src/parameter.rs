//! A parameter of a function that is called repeatedly with the same arguments.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Ident, Pat, PatType, Type, TypeImplTrait};

/// A parameter that a wrapper passes on.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

impl Parameter {
    /// Creates the parameter at a position.
    pub(crate) fn new(index: usize, typed: &PatType) -> Self {
        Self { name: name(index, &typed.pat), ty: (*typed.ty).clone() }
    }

    /// Returns whether its type can be named. An `impl Trait` cannot.
    pub(crate) fn has_named_type(&self) -> bool {
        struct Found(bool);

        impl<'ast> Visit<'ast> for Found {
            fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
                self.0 = true;
            }
        }

        let mut found = Found(false);
        found.visit_type(&self.ty);
        !found.0
    }

    /// Returns the expression that creates the argument of a call. Shared references are copied when they are captured.
    pub(crate) fn cloned(&self) -> Option<TokenStream> {
        if matches!(self.ty, Type::Reference(_)) {
            return None;
        }
        let name = &self.name;
        // An argument that is neither `Clone` nor `Sync` is reported at its type in the signature.
        Some(quote_spanned!(self.ty.span()=> let #name = ::core::clone::Clone::clone(&#name);))
    }
}

/// Returns the name bound by a pattern, or a generated one if it binds none or several.
fn name(index: usize, pat: &Pat) -> Ident {
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => ident.ident.clone(),
        _ => format_ident!("argument_{index}"),
    }
}
