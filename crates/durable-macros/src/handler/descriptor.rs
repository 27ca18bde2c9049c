//! The constructor of a handler's descriptor, and the generics that it needs.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Generics, ItemFn, Lifetime, Path, Type, TypeReference, WherePredicate};

use super::signature::HandlerSignature;
use crate::crate_path::CratePath;

/// Returns the function `function`, which describes the Lambda function that runs the handler.
pub(super) fn constructor(
    crate_path: &CratePath,
    function: &ItemFn,
    signature: &HandlerSignature<'_>,
) -> TokenStream {
    let ItemFn { vis, sig, .. } = function;
    let generics = mentioned(&sig.generics, [signature.event, signature.output]);
    let (generic_params, _, where_clause) = generics.split_for_impl();
    let [event, output] = [signature.event, signature.output].map(static_type);
    // An output that is not a `Result` is reported there, once.
    let crate_at_output = crate_path.at(output.span());
    let described = quote_spanned! {output.span()=>
        #crate_at_output::Function<#event, <#output as #crate_at_output::macro_support::Fallible>::Value>
    };
    let named = quote_spanned!(output.span()=> #crate_at_output::Function::named(name));
    let doc = format!(
        "The Lambda function that runs the handler `{}`, by its name, partial ARN or ARN, with a version or an alias.",
        sig.ident
    );
    quote! {
        #[doc = #doc]
        #[allow(clippy::type_complexity)]
        #vis fn function #generic_params (
            name: impl ::core::convert::Into<::std::string::String>
        ) -> #described
        #where_clause
        {
            #named
        }
    }
}

/// Returns the generics that the types mention, and those that their bounds mention. Callers can infer no others.
fn mentioned(generics: &Generics, types: [&Type; 2]) -> Generics {
    let mut mentions = Mentions::default();
    for ty in types {
        mentions.visit_type(ty);
    }
    let predicates = || generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    loop {
        let known = mentions.clone();
        for param in generics.params.iter().filter(|param| known.contains_param(param)) {
            mentions.visit_generic_param(param);
        }
        for predicate in predicates().filter(|predicate| known.concerns(predicate, generics)) {
            mentions.visit_where_predicate(predicate);
        }
        if mentions == known {
            break;
        }
    }
    let mut kept = generics.clone();
    kept.params = generics.params.iter().filter(|param| mentions.contains_param(param)).cloned().collect();
    if let Some(clause) = &mut kept.where_clause {
        let concerned = predicates().filter(|predicate| mentions.concerns(predicate, generics));
        clause.predicates = concerned.cloned().collect();
    }
    kept
}

/// The names that types and bounds mention.
#[derive(Clone, Default, PartialEq, Eq)]
struct Mentions(BTreeSet<String>);

impl Mentions {
    fn contains_param(&self, param: &GenericParam) -> bool {
        self.0.contains(&name(param))
    }

    /// Returns whether the predicate bounds something that one of the mentioned parameters is part of.
    fn concerns(&self, predicate: &WherePredicate, generics: &Generics) -> bool {
        let mut bounded = Self::default();
        match predicate {
            WherePredicate::Type(predicate) => bounded.visit_type(&predicate.bounded_ty),
            WherePredicate::Lifetime(predicate) => bounded.visit_lifetime(&predicate.lifetime),
            _ => return true,
        }
        generics.params.iter().any(|param| self.contains_param(param) && bounded.contains_param(param))
    }
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_path(&mut self, path: &'ast Path) {
        self.0.extend(path.segments.first().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.0.insert(lifetime.to_string());
    }
}

fn name(param: &GenericParam) -> String {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.to_string(),
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
    }
}

/// Returns the type with `'static` for elided lifetimes, which a return type without arguments cannot have.
fn static_type(ty: &Type) -> Type {
    struct Static;

    impl VisitMut for Static {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            reference.lifetime.get_or_insert_with(static_lifetime);
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "_" {
                *lifetime = static_lifetime();
            }
        }
    }

    let mut ty = ty.clone();
    Static.visit_type_mut(&mut ty);
    ty
}

fn static_lifetime() -> Lifetime {
    Lifetime::new("'static", Span::call_site())
}
