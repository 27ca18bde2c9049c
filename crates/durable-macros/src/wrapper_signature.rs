//! The signature of a function that wraps another one and returns a value that borrows from its parameters.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Ident, Lifetime, ParenthesizedGenericArguments, Signature, Type, TypeFnPtr,
    TypeImplTrait, TypeParam, TypeReference, parse_quote,
};

use crate::parameter::Parameter;

/// The generics and parameters of a wrapper.
///
/// Everything in them is named and outlives one lifetime, so that the wrapper can specify what its return type
/// captures: in edition 2024, that would otherwise be everything, including the context.
pub(crate) struct WrapperSignature {
    pub(crate) lifetime: Lifetime,
    pub(crate) generics: Generics,
    parameters: Vec<(Ident, Type)>,
}

impl WrapperSignature {
    /// Creates the signature for some parameters of a function, with a lifetime of a similar name if that one is taken.
    pub(crate) fn new(lifetime: &str, signature: &Signature, parameters: &[Parameter]) -> Self {
        let lifetime = fresh_lifetime(lifetime, &signature.generics);
        let mut namer = Namer { lifetime: &lifetime, taken: &signature.generics, parameters: Vec::new() };
        let parameters = parameters.iter().map(|Parameter { name, ty }| {
            let mut ty = ty.clone();
            namer.visit_type_mut(&mut ty);
            (name.clone(), ty)
        });
        let parameters = parameters.collect();
        let mut generics = bound_by(&signature.generics, &lifetime);
        generics.params.extend(namer.parameters.into_iter().map(GenericParam::Type));
        Self { lifetime, generics, parameters }
    }

    /// Adds a type parameter, with a similar name if this one is taken.
    pub(crate) fn add_type(&mut self, name: &str, bound: &TokenStream) -> Ident {
        let name = fresh_type(name, &self.generics);
        self.generics.params.push(parse_quote!(#name: #bound));
        name
    }

    /// Returns the declarations of the parameters.
    pub(crate) fn parameters(&self) -> TokenStream {
        let parameters = self.parameters.iter().map(|(name, ty)| quote!(#name: #ty));
        quote!(#(#parameters),*)
    }

    /// Returns what the return type captures.
    pub(crate) fn captures(&self) -> TokenStream {
        let params = self.generics.params.iter().map(|param| match param {
            GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
            GenericParam::Type(param) => param.ident.to_token_stream(),
            GenericParam::Const(param) => param.ident.to_token_stream(),
        });
        quote!(use<#(#params),*>)
    }
}

fn fresh_lifetime(name: &str, generics: &Generics) -> Lifetime {
    let mut name = name.to_owned();
    while generics.lifetimes().any(|param| param.lifetime.to_string() == name) {
        name.push('_');
    }
    Lifetime::new(&name, proc_macro2::Span::call_site())
}

fn fresh_type(name: &str, generics: &Generics) -> Ident {
    let mut name = format_ident!("{name}");
    while generics.type_params().any(|param| param.ident == name)
        || generics.const_params().any(|param| param.ident == name)
    {
        name = format_ident!("{name}_");
    }
    name
}

/// Returns the generics of the function and this lifetime, which all of them outlive.
fn bound_by(generics: &Generics, lifetime: &Lifetime) -> Generics {
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

/// Names the anonymous parts of a type: elided lifetimes and `impl Trait`.
struct Namer<'a> {
    lifetime: &'a Lifetime,
    taken: &'a Generics,
    parameters: Vec<TypeParam>,
}

impl Namer<'_> {
    /// Returns a type parameter for an `impl Trait`.
    fn name(&mut self, impl_trait: &TypeImplTrait) -> Ident {
        let name = fresh_type(&format!("Impl{}", self.parameters.len()), self.taken);
        let (lifetime, bounds) = (self.lifetime, &impl_trait.bounds);
        self.parameters.push(parse_quote!(#name: #lifetime + #bounds));
        name
    }
}

impl VisitMut for Namer<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        // The parentheses of `&(impl A + B)` would remain around a name.
        if let Type::Paren(paren) = ty
            && let Type::ImplTrait(_) = paren.elem.as_ref()
        {
            *ty = (*paren.elem).clone();
        }
        visit_mut::visit_type_mut(self, ty);
        if let Type::ImplTrait(impl_trait) = ty {
            let name = self.name(impl_trait);
            *ty = parse_quote!(#name);
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.lifetime.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime.clone();
        }
    }

    // The lifetimes in `Fn(&str)` and `fn(&str)` belong to their callers.
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}
