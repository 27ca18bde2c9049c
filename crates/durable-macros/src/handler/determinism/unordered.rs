//! Expressions whose items have no defined order: hash maps, hash sets, and values derived from them.

use syn::{Expr, ExprCall, ExprMethodCall, GenericArgument, Ident, Type};

use super::scopes::{Collection, Meaning, Scopes};
use crate::type_name::last_segment;

/// Methods that preserve the order of their receiver.
const PASS_ORDER_ON: &[&str] = &[
    "as_ref",
    "by_ref",
    "chain",
    "clone",
    "cloned",
    "collect",
    "copied",
    "difference",
    "drain",
    "enumerate",
    "filter",
    "filter_map",
    "flat_map",
    "flatten",
    "inspect",
    "intersection",
    "into_iter",
    "into_keys",
    "into_values",
    "iter",
    "iter_mut",
    "keys",
    "map",
    "peekable",
    "rev",
    "skip",
    "skip_while",
    "symmetric_difference",
    "take",
    "take_while",
    "union",
    "values",
    "values_mut",
    "zip",
];

/// Collections that sort their items.
const ORDERED: &[&str] = &["BTreeMap", "BTreeSet", "BinaryHeap"];

/// Returns the unordered collection that an expression is or iterates over.
pub(super) fn collection_of(expr: &Expr, scopes: &Scopes) -> Option<Collection> {
    match expr {
        Expr::Path(path) => match scopes.meaning(path.path.get_ident()?)? {
            Meaning::Unordered(collection) => Some(*collection),
            Meaning::Context(_) | Meaning::Builder | Meaning::Closure(_) | Meaning::Other => None,
        },
        Expr::Reference(reference) => collection_of(&reference.expr, scopes),
        Expr::Paren(inner) => collection_of(&inner.expr, scopes),
        Expr::Group(inner) => collection_of(&inner.expr, scopes),
        Expr::Try(inner) => collection_of(&inner.expr, scopes),
        Expr::MethodCall(call) => of_method(call, scopes),
        Expr::Call(call) => of_call(call, scopes),
        _ => None,
    }
}

/// Returns whether a collection of this type sorts its items.
pub(super) fn is_ordering(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| ORDERED.iter().any(|ordered| name == ordered))
}

/// Returns whether a method sorts its receiver in place.
pub(super) fn sorts(method: &Ident) -> bool {
    method.to_string().starts_with("sort")
}

fn of_method(call: &ExprMethodCall, scopes: &Scopes) -> Option<Collection> {
    if !PASS_ORDER_ON.iter().any(|method| call.method == method) {
        return None;
    }
    let makes_order = call
        .turbofish
        .iter()
        .flat_map(|turbofish| &turbofish.args)
        .any(|argument| matches!(argument, GenericArgument::Type(ty) if is_ordering(ty)));
    if makes_order { None } else { collection_of(&call.receiver, scopes) }
}

/// Matches `HashMap::from(..)` and similar calls, or `stream::iter(..)` of an unordered collection.
fn of_call(call: &ExprCall, scopes: &Scopes) -> Option<Collection> {
    let Expr::Path(function) = call.func.as_ref() else { return None };
    let mut names = function.path.segments.iter().rev();
    let (last, owner) = (names.next()?, names.next()?);
    if owner.ident == "stream" && last.ident == "iter" {
        return call.args.first().and_then(|items| collection_of(items, scopes));
    }
    let chooses_hasher = last.ident.to_string().ends_with("hasher");
    Collection::named(&owner.ident).filter(|_| !chooses_hasher)
}
