//! Name resolution in the code of a handler, as far as possible without types.

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, GenericArgument, Ident, Pat, PatIdent, PatType, PathArguments, Type};

use super::bodies::Owner;
use super::operations::{is_operation, returns_context};
use crate::errors::Errors;
use crate::type_name::last_segment;

/// The meaning of a name.
pub(super) enum Meaning {
    /// A context, whose methods start operations, and its owner, if that is certain.
    Context(Option<Owner>),
    /// An operation that has not been awaited yet.
    Builder,
    /// A collection without a defined order, or a value derived from one.
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

/// A closure bound by a `let`. Its uses decide whether its code runs on replay.
#[derive(Default)]
pub(super) struct Closure {
    /// The problems found in it, reported unless it is used only as the body of steps.
    pub(super) findings: Errors,
    pub(super) starts_operations: bool,
    pub(super) is_recorded_body: bool,
    pub(super) is_used_otherwise: bool,
}

/// The names in scope at a position in the code, innermost scope last.
#[derive(Default)]
pub(super) struct Scopes(Vec<Vec<(Ident, Meaning)>>);

impl Collection {
    /// Returns the collection with this name.
    pub(super) fn named(name: &Ident) -> Option<Self> {
        match name.to_string().as_str() {
            "HashMap" => Some(Self::HashMap),
            "HashSet" => Some(Self::HashSet),
            _ => None,
        }
    }

    /// Returns the collection that a type is, unless it specifies a hasher, which may be deterministic.
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

    /// Returns the number of type parameters without the hasher.
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
    /// Returns whether its code runs again on replay. An unused closure counts as such.
    pub(super) fn is_replayed(&self) -> bool {
        self.is_used_otherwise || !self.is_recorded_body
    }
}

impl Scopes {
    pub(super) fn enter(&mut self) {
        self.0.push(Vec::new());
    }

    /// Leaves the innermost scope and returns its closures, whose uses are now known.
    pub(super) fn leave(&mut self) -> impl Iterator<Item = Closure> + use<> {
        let names = self.0.pop().unwrap_or_default();
        names.into_iter().filter_map(|(_, meaning)| match meaning {
            Meaning::Closure(closure) => Some(closure),
            Meaning::Context(_) | Meaning::Builder | Meaning::Unordered(_) | Meaning::Other => None,
        })
    }

    /// Binds a name in the innermost scope.
    pub(super) fn bind(&mut self, name: &Ident, meaning: Meaning) {
        if let Some(innermost) = self.0.last_mut() {
            innermost.push((name.clone(), meaning));
        }
    }

    /// Binds the names in a pattern according to their types.
    pub(super) fn bind_pattern(&mut self, pat: &Pat) {
        match pat {
            Pat::Type(typed) => match typed.pat.as_ref() {
                Pat::Ident(ident) => self.bind(&ident.ident, Meaning::of_type(&typed.ty)),
                inner => self.bind_pattern(inner),
            },
            other => Names(self).visit_pat(other),
        }
    }

    /// Binds a parameter according to its type; a context is owned by this code.
    pub(super) fn bind_typed(&mut self, parameter: &PatType, owner: Owner) {
        match (parameter.pat.as_ref(), Meaning::of_type(&parameter.ty)) {
            (Pat::Ident(ident), Meaning::Context(_)) => {
                self.bind(&ident.ident, Meaning::context(ident, Some(owner)));
            }
            _ => self.bind_pattern(&Pat::Type(parameter.clone())),
        }
    }

    /// Binds the parameters of a body, the first of which are contexts, owned by this code if that is certain.
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
                // A closure bound by a `let` is visited before the operation whose body it is.
                (Pat::Ident(ident), _) if self.is_context_name(&ident.ident) => {
                    self.bind(&ident.ident, Meaning::Context(None));
                }
                (other, _) => self.bind_pattern(other),
            }
        }
    }

    /// The meaning of a name.
    pub(super) fn meaning(&self, name: &Ident) -> Option<&Meaning> {
        let mut names = self.0.iter().rev().flat_map(|scope| scope.iter().rev());
        names.find(|(known, _)| known == name).map(|(_, meaning)| meaning)
    }

    /// Returns the meaning of a name, to be changed.
    pub(super) fn meaning_mut(&mut self, name: &Ident) -> Option<&mut Meaning> {
        let mut names = self.0.iter_mut().rev().flat_map(|scope| scope.iter_mut().rev());
        names.find(|(known, _)| known == name).map(|(_, meaning)| meaning)
    }

    /// Returns whether an expression is a context.
    pub(super) fn is_context(&self, expr: &Expr) -> bool {
        self.context(expr).is_some()
    }

    /// Returns the name and the owner, if certain, of the context that an expression is. The expression is
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

    /// Returns whether a call is certainly that of a context's method.
    pub(super) fn is_context_method(&self, call: &ExprMethodCall) -> bool {
        matches!(self.context(&call.receiver), Some((_, Some(_))))
    }

    /// Returns whether an expression is an operation of a context that has not been awaited yet.
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
    /// Creates the meaning of a name that is a context. A mutable binding may be assigned another context, so it has no
    /// certain owner.
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

/// Binds the names of a pattern without known meanings.
struct Names<'s>(&'s mut Scopes);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_pat_ident(&mut self, ident: &'ast PatIdent) {
        self.0.bind(&ident.ident, Meaning::Other);
        visit::visit_pat_ident(self, ident);
    }

    // The expressions in a pattern are constants.
    fn visit_expr(&mut self, _: &'ast Expr) {}
}
