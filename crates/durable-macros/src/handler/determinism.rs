//! Finds calls in a handler's own code whose outcome differs when the handler runs again.

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, ExprPath, Item, Macro, Token};

use super::nondeterministic;
use crate::errors::Errors;

/// The operations whose bodies run once and are recorded: there, everything is allowed.
const RECORDED_BODIES: &[&str] = &["step", "wait_for_callback", "wait_for_condition"];

/// Reports the calls in the body of a handler.
pub(crate) fn check(body: &Block, errors: &mut Errors) {
    HandlerCode { errors }.visit_block(body);
}

/// The code of a handler that runs again on every replay.
struct HandlerCode<'e> {
    errors: &'e mut Errors,
}

impl<'ast> Visit<'ast> for HandlerCode<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(reason) = nondeterministic::reason(&path.path) {
            self.errors.at(path, reason);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let is_recorded = RECORDED_BODIES.iter().any(|name| call.method == name);
        for argument in &call.args {
            if !(is_recorded && matches!(argument, Expr::Closure(_))) {
                self.visit_expr(argument);
            }
        }
    }

    // What stands in `format!`, `join!` and their like is usually a list of expressions.
    fn visit_macro(&mut self, invocation: &'ast Macro) {
        let Ok(arguments) = invocation.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        else {
            return;
        };
        for argument in &arguments {
            HandlerCode { errors: self.errors }.visit_expr(argument);
        }
    }

    // Functions declared inside the handler are called from anywhere, from steps too.
    fn visit_item(&mut self, _: &'ast Item) {}
}
