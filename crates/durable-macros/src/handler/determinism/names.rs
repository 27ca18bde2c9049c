//! The names that patterns and expressions consist of.

use syn::{Expr, Ident, Pat, PatIdent};

/// The name that a pattern consists of, with or without a type.
pub(super) fn ident_of(pat: &Pat) -> Option<&PatIdent> {
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => Some(ident),
        Pat::Type(typed) => ident_of(&typed.pat),
        _ => None,
    }
}

/// The name that an expression consists of.
pub(super) fn name_of(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}
