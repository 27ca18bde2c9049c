//! The lifetime of a wrapper: one for everything that its parameters borrow.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, Signature, Type, TypeFnPtr,
    TypeImplTrait, TypeReference, parse_quote,
};

/// A lifetime of about this name that the function does not declare itself.
pub(crate) fn fresh(name: &str, signature: &Signature) -> Lifetime {
    let mut name = name.to_owned();
    while signature.generics.lifetimes().any(|param| param.lifetime.to_string() == name) {
        name.push('_');
    }
    Lifetime::new(&name, proc_macro2::Span::call_site())
}

/// The type with this lifetime wherever it has none.
pub(crate) fn name_elided(ty: &Type, lifetime: &Lifetime) -> Type {
    let mut ty = ty.clone();
    NameElided { lifetime }.visit_type_mut(&mut ty);
    ty
}

/// The function's generics and this lifetime, which everything in them outlives.
pub(crate) fn bound_by(generics: &Generics, lifetime: &Lifetime) -> Generics {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                param.colon_token.get_or_insert_default();
                param.bounds.push(lifetime.clone());
            }
            GenericParam::Type(param) => {
                param.colon_token.get_or_insert_default();
                param.bounds.push(parse_quote!(#lifetime));
            }
            GenericParam::Const(_) => {}
        }
    }
    generics.params.insert(0, parse_quote!(#lifetime));
    generics
}

/// What the return type of a wrapper may capture, said for editions in which that is not everything.
pub(crate) fn captures<'t>(
    lifetime: &Lifetime,
    generics: &Generics,
    parameters: impl IntoIterator<Item = &'t Type>,
) -> TokenStream {
    if parameters.into_iter().any(mentions_impl_trait) {
        // These types have no name to list them by.
        return quote!(+ #lifetime);
    }
    let params = generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
    });
    quote!(+ #lifetime + use<#lifetime, #(#params),*>)
}

/// Whether a type cannot be named, because the caller chooses it.
pub(crate) fn mentions_impl_trait(ty: &Type) -> bool {
    struct Found(bool);

    impl<'ast> Visit<'ast> for Found {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
    }

    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}

struct NameElided<'a> {
    lifetime: &'a Lifetime,
}

impl VisitMut for NameElided<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.lifetime.clone());
        visit_mut::visit_type_reference_mut(self, reference);
        // `&impl Trait + 'a` would be ambiguous.
        if let Type::ImplTrait(target) = reference.elem.as_ref() {
            *reference.elem = parse_quote!((#target));
        }
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime.clone();
        }
    }

    fn visit_type_impl_trait_mut(&mut self, impl_trait: &mut TypeImplTrait) {
        let lifetime = self.lifetime;
        visit_mut::visit_type_impl_trait_mut(self, impl_trait);
        impl_trait.bounds.push(parse_quote!(#lifetime));
    }

    // The lifetimes in `Fn(&str)` and `fn(&str)` belong to their callers.
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}
