//! What names stand for in the code of a handler, as far as that can be seen without types.

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, GenericArgument, Ident, Pat, PatIdent, PatType, PathArguments, Type};

use super::bodies::Owner;
use super::operations::{is_operation, returns_context};
use crate::errors::Errors;
use crate::type_name::last_segment;

/// What a name stands for.
pub(super) enum Meaning {
    /// A context, whose methods start operations, and the code it belongs to, if that is certain.
    Context(Option<Owner>),
    /// An operation that was not awaited yet.
    Builder,
    /// A collection in no order, or what was made of one.
    Unordered(Collection),
    Closure(Closure),
    Other,
}

/// A collection whose iteration order differs from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collection {
    HashMap,
    HashSet,
}

/// A closure that a `let` gave a name. What it is used for decides whether its code runs on replay.
#[derive(Default)]
pub(super) struct Closure {
    /// What was found in it, to be reported unless it is only the body of steps.
    pub(super) findings: Errors,
    pub(super) starts_operations: bool,
    pub(super) is_recorded_body: bool,
    pub(super) is_used_otherwise: bool,
}

/// The names that can be used at one place of the code; the innermost scope is the last.
#[derive(Default)]
pub(super) struct Scopes(Vec<Vec<(Ident, Meaning)>>);

impl Collection {
    /// The collection of this name.
    pub(super) fn named(name: &Ident) -> Option<Self> {
        match name.to_string().as_str() {
            "HashMap" => Some(Self::HashMap),
            "HashSet" => Some(Self::HashSet),
            _ => None,
        }
    }

    /// The collection that a type is, unless it has a hasher of its own, which may be a deterministic one.
    fn of(ty: &Type) -> Option<Self> {
        let (collection, arguments) = match ty {
            Type::Path(path) => {
                let last = path.path.segments.last()?;
                (Self::named(&last.ident)?, &last.arguments)
            }
            Type::Reference(reference) => return Self::of(&reference.elem),
            Type::Paren(inner) => return Self::of(&inner.elem),
            Type::Group(inner) => return Self::of(&inner.elem),
            _ => return None,
        };
        let types = match arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().filter(|argument| matches!(argument, GenericArgument::Type(_))).count()
            }
            PathArguments::None | PathArguments::Parenthesized(_) => 0,
        };
        (types <= collection.parameters()).then_some(collection)
    }

    /// How many type parameters it has without its hasher.
    fn parameters(self) -> usize {
        match self {
            Self::HashMap => 2,
            Self::HashSet => 1,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HashMap => "HashMap",
            Self::HashSet => "HashSet",
        }
    }

    pub(super) fn ordered_name(self) -> &'static str {
        match self {
            Self::HashMap => "BTreeMap",
            Self::HashSet => "BTreeSet",
        }
    }
}

impl Closure {
    /// Whether its code runs again on replay; one that nothing calls is taken for such.
    pub(super) fn is_replayed(&self) -> bool {
        self.is_used_otherwise || !self.is_recorded_body
    }
}

impl Scopes {
    pub(super) fn enter(&mut self) {
        self.0.push(Vec::new());
    }

    /// Leaves the innermost scope; its closures come back, now that all their uses are known.
    pub(super) fn leave(&mut self) -> impl Iterator<Item = Closure> + use<> {
        let names = self.0.pop().unwrap_or_default();
        names.into_iter().filter_map(|(_, meaning)| match meaning {
            Meaning::Closure(closure) => Some(closure),
            Meaning::Context(_) | Meaning::Builder | Meaning::Unordered(_) | Meaning::Other => None,
        })
    }

    /// Gives a name a meaning from here on.
    pub(super) fn bind(&mut self, name: &Ident, meaning: Meaning) {
        if let Some(innermost) = self.0.last_mut() {
            innermost.push((name.clone(), meaning));
        }
    }

    /// Gives the names in a pattern the meanings that their types show.
    pub(super) fn bind_pattern(&mut self, pat: &Pat) {
        match pat {
            Pat::Type(typed) => match typed.pat.as_ref() {
                Pat::Ident(ident) => self.bind(&ident.ident, Meaning::of_type(&typed.ty)),
                inner => self.bind_pattern(inner),
            },
            other => Names(self).visit_pat(other),
        }
    }

    /// Gives a parameter the meaning that its type shows, where a context belongs to this code.
    pub(super) fn bind_typed(&mut self, parameter: &PatType, owner: Owner) {
        match (parameter.pat.as_ref(), Meaning::of_type(&parameter.ty)) {
            (Pat::Ident(ident), Meaning::Context(_)) => {
                self.bind(&ident.ident, Meaning::context(ident, Some(owner)));
            }
            _ => self.bind_pattern(&Pat::Type(parameter.clone())),
        }
    }

    /// Gives the parameters of a body their meanings, of which the first few are contexts, and belong to this code if
    /// that is certain.
    pub(super) fn bind_parameters<P>(
        &mut self,
        parameters: &Punctuated<Pat, P>,
        contexts: usize,
        owner: Option<Owner>,
    ) {
        for (index, parameter) in parameters.iter().enumerate() {
            match (parameter, owner) {
                (Pat::Type(typed), Some(owner)) if index < contexts => self.bind_typed(typed, owner),
                (Pat::Ident(ident), owner) if index < contexts => {
                    self.bind(&ident.ident, Meaning::context(ident, owner));
                }
                // A closure that a `let` names is not seen together with the operation that it is the body of.
                (Pat::Ident(ident), _) if self.is_context_name(&ident.ident) => {
                    self.bind(&ident.ident, Meaning::Context(None));
                }
                (other, _) => self.bind_pattern(other),
            }
        }
    }

    /// What a name stands for.
    pub(super) fn meaning(&self, name: &Ident) -> Option<&Meaning> {
        let mut names = self.0.iter().rev().flat_map(|scope| scope.iter().rev());
        names.find(|(known, _)| known == name).map(|(_, meaning)| meaning)
    }

    /// The same to change it.
    pub(super) fn meaning_mut(&mut self, name: &Ident) -> Option<&mut Meaning> {
        let mut names = self.0.iter_mut().rev().flat_map(|scope| scope.iter_mut().rev());
        names.find(|(known, _)| known == name).map(|(_, meaning)| meaning)
    }

    /// Whether an expression is a context.
    pub(super) fn is_context(&self, expr: &Expr) -> bool {
        self.context(expr).is_some()
    }

    /// The name of the context that an expression is, and the code it belongs to, if that is certain. The expression is
    /// the name, a reference to the context, or a clone of it.
    pub(super) fn context<'e>(&self, expr: &'e Expr) -> Option<(&'e Ident, Option<Owner>)> {
        match expr {
            Expr::Path(path) => {
                let name = path.path.get_ident()?;
                let Meaning::Context(owner) = self.meaning(name)? else { return None };
                Some((name, *owner))
            }
            Expr::Reference(reference) => self.context(&reference.expr),
            Expr::Paren(inner) => self.context(&inner.expr),
            Expr::Group(inner) => self.context(&inner.expr),
            Expr::MethodCall(call) if returns_context(&call.method) => self.context(&call.receiver),
            _ => None,
        }
    }

    /// Whether it is certain that a call is that of a method of a context.
    pub(super) fn is_context_method(&self, call: &ExprMethodCall) -> bool {
        matches!(self.context(&call.receiver), Some((_, Some(_))))
    }

    /// Whether an expression is an operation of a context that was not awaited yet.
    pub(super) fn is_builder(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => {
                path.path.get_ident().is_some_and(|name| matches!(self.meaning(name), Some(Meaning::Builder)))
            }
            Expr::Paren(inner) => self.is_builder(&inner.expr),
            Expr::Group(inner) => self.is_builder(&inner.expr),
            Expr::MethodCall(call) => {
                (is_operation(&call.method) && self.is_context_method(call))
                    || self.is_builder(&call.receiver)
            }
            _ => false,
        }
    }

    fn is_context_name(&self, name: &Ident) -> bool {
        self.0
            .iter()
            .flatten()
            .any(|(known, meaning)| known == name && matches!(meaning, Meaning::Context(_)))
    }
}

impl Meaning {
    /// A context under this name. One that can be replaced by another context does not certainly belong to some code.
    pub(super) fn context(name: &PatIdent, owner: Option<Owner>) -> Self {
        Self::Context(owner.filter(|_| name.mutability.is_none()))
    }

    /// Returns what a name of this type stands for.
    pub(super) fn of_type(ty: &Type) -> Self {
        let is_context =
            last_segment(ty).is_some_and(|name| name == "DurableContext" || name == "SagaContext");
        if is_context {
            return Self::Context(None);
        }
        Collection::of(ty).map_or(Self::Other, Self::Unordered)
    }
}

/// Binds the names of a pattern, of which nothing is known.
struct Names<'s>(&'s mut Scopes);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast PatIdent) {
        self.0.bind(&ident.ident, Meaning::Other);
        visit::visit_pat_ident(self, ident);
    }

    // The expressions in a pattern are constants.
    fn visit_expr(&mut self, _: &'ast Expr) {}
}
