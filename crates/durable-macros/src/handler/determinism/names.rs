//! Patterns and expressions that are plain names.

use syn::{Expr, Ident, Pat, PatIdent};

/// Returns the name of a pattern that is a plain name, with or without a type.
pub(super) fn ident_of(pat: &Pat) -> Option<&PatIdent> {
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => Some(ident),
        Pat::Type(typed) => ident_of(&typed.pat),
        _ => None,
    }
}

/// Returns the name of an expression that is a plain name.
pub(super) fn name_of(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}
