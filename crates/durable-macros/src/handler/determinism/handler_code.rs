//! Walks through the code of a handler that runs again on every replay.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprAwait, ExprCall, ExprClosure, ExprForLoop, ExprIf, ExprMethodCall, ExprPath, FnArg,
    Item, ItemFn, Local, Macro, Pat, Stmt, Token, Type,
};

use super::scopes::{Closure, Meaning, Scopes, name_of};
use super::{calls, operations, unordered};
use crate::errors::Errors;

/// Reports what is found in a handler.
pub(crate) fn check(handler: &ItemFn, errors: &mut Errors) {
    let mut code = HandlerCode::default();
    code.in_scope(|code| {
        for input in &handler.sig.inputs {
            if let FnArg::Typed(parameter) = input {
                code.scopes.bind_pattern(&Pat::Type(parameter.clone()));
            }
        }
        code.visit_block(&handler.block);
    });
    errors.append(code.findings);
}

/// The code of a handler, as far as it was walked through.
#[derive(Default)]
struct HandlerCode {
    scopes: Scopes,
    findings: Errors,
    /// Whether the code at hand is the body of a step, which runs once and may do anything.
    is_recorded: bool,
    /// Whether an operation was started since this was last reset.
    starts_operations: bool,
}

impl HandlerCode {
    fn report(&mut self, tokens: impl ToTokens, reason: Option<String>) {
        let Some(reason) = reason.filter(|_| !self.is_recorded) else { return };
        let way_out = "if that is intended, write `#[durable::handler(allow(nondeterminism))]`";
        self.findings.at(tokens, format!("{reason}; {way_out}"));
    }

    /// Walks through code whose names end with it.
    fn in_scope(&mut self, walk: impl FnOnce(&mut Self)) {
        self.scopes.enter();
        walk(self);
        for closure in self.scopes.leave().filter(Closure::is_replayed) {
            self.findings.append(closure.findings);
        }
    }

    /// Walks through code and says whether it starts operations.
    fn observed(&mut self, walk: impl FnOnce(&mut Self)) -> bool {
        let outside = std::mem::take(&mut self.starts_operations);
        walk(self);
        let inside = self.starts_operations;
        self.starts_operations |= outside;
        inside
    }

    /// Walks through the body of a step, or through what names or makes one.
    fn visit_recorded(&mut self, body: &Expr) {
        match body {
            Expr::Block(block) => self.in_scope(|code| {
                let (last, others) = match block.block.stmts.split_last() {
                    Some((Stmt::Expr(last, None), others)) => (Some(last), others),
                    _ => (None, block.block.stmts.as_slice()),
                };
                others.iter().for_each(|stmt| code.visit_stmt(stmt));
                last.into_iter().for_each(|last| code.visit_recorded(last));
            }),
            Expr::Paren(inner) => self.visit_recorded(&inner.expr),
            Expr::Group(inner) => self.visit_recorded(&inner.expr),
            Expr::Reference(reference) => self.visit_recorded(&reference.expr),
            Expr::MethodCall(call) if call.method == "clone" => self.visit_recorded(&call.receiver),
            Expr::Closure(_) | Expr::Path(_) => self.visit_as_recorded(body),
            Expr::Call(call) => {
                // A closure that returns the body.
                self.visit_as_recorded(&call.func);
                call.args.iter().for_each(|argument| self.visit_expr(argument));
            }
            other => self.visit_expr(other),
        }
    }

    fn visit_as_recorded(&mut self, body: &Expr) {
        let outside = std::mem::replace(&mut self.is_recorded, true);
        self.visit_expr(body);
        self.is_recorded = outside;
    }

    /// Walks through a closure whose first few parameters are contexts.
    fn visit_closure(&mut self, closure: &ExprClosure, contexts: usize) {
        self.in_scope(|code| {
            code.scopes.bind_parameters(&closure.inputs, contexts);
            code.visit_expr(&closure.body);
        });
    }

    /// Walks through a closure that gets a name. What is found waits until it is known what the closure is used for.
    fn visit_named_closure(&mut self, closure: &ExprClosure) -> Closure {
        let findings = std::mem::take(&mut self.findings);
        let outside = std::mem::take(&mut self.starts_operations);
        self.visit_closure(closure, 0);
        Closure {
            findings: std::mem::replace(&mut self.findings, findings),
            starts_operations: std::mem::replace(&mut self.starts_operations, outside),
            ..Closure::default()
        }
    }

    /// Takes note of an operation that starts here, unless it starts when a step runs, where it is an error anyway.
    fn note_operation(&mut self) {
        self.starts_operations |= !self.is_recorded;
    }

    /// Reports items in no order over which operations are started.
    fn report_unordered(&mut self, items: &Expr) {
        let reason = unordered::collection_of(items, &self.scopes).map(|collection| {
            format!(
                "a `{}` has another order when the handler is replayed, so its operations would start in another order; \
                 sort the items, or use a `{}`",
                collection.name(),
                collection.ordered_name()
            )
        });
        self.report(items, reason);
    }

    /// Walks through the arguments of a method, and says whether one of them is a closure that starts operations.
    fn visit_arguments(&mut self, call: &ExprMethodCall) -> bool {
        let contexts = operations::contexts_of_body(&call.method);
        let has_recorded_body = operations::has_recorded_body(&call.method);
        let mut closure_starts_operations = false;
        for (index, argument) in call.args.iter().enumerate() {
            let is_last = index + 1 == call.args.len();
            let starts_operations = self.observed(|code| match argument {
                argument if has_recorded_body && is_last => code.visit_recorded(argument),
                Expr::Closure(closure) => code.visit_closure(closure, contexts),
                other => code.visit_expr(other),
            });
            closure_starts_operations |=
                starts_operations && matches!(argument, Expr::Closure(_) | Expr::Path(_));
        }
        closure_starts_operations
    }
}

impl<'ast> Visit<'ast> for HandlerCode {
    fn visit_block(&mut self, block: &'ast Block) {
        self.in_scope(|code| visit::visit_block(code, block));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let Some(init) = &local.init else {
            self.scopes.bind_pattern(&local.pat);
            return;
        };
        let (name, ty) = named(&local.pat);
        if let (Some(name), Expr::Closure(closure)) = (name, init.expr.as_ref()) {
            let closure = self.visit_named_closure(closure);
            self.scopes.bind(&name.ident, Meaning::Closure(closure));
            return;
        }
        self.visit_expr(&init.expr);
        if let Some((_, diverging)) = &init.diverge {
            self.visit_expr(diverging);
        }
        match name {
            Some(name) => {
                let meaning = self.scopes.meaning_of_let(ty, &init.expr);
                self.scopes.bind(&name.ident, meaning);
            }
            None => self.scopes.bind_pattern(&local.pat),
        }
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.in_scope(|code| visit::visit_arm(code, arm));
    }

    fn visit_expr_if(&mut self, branch: &'ast ExprIf) {
        self.in_scope(|code| visit::visit_expr_if(code, branch));
    }

    fn visit_pat(&mut self, pat: &'ast Pat) {
        self.scopes.bind_pattern(pat);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.visit_closure(closure, 0);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast ExprForLoop) {
        self.visit_expr(&each.expr);
        let starts_operations = self.observed(|code| {
            code.in_scope(|code| {
                code.scopes.bind_pattern(&each.pat);
                code.visit_block(&each.body);
            });
        });
        if starts_operations {
            self.report_unordered(&each.expr);
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        self.report(path, calls::reason(&path.path));
        if let Some(name) = path.path.get_ident()
            && let Some(Meaning::Closure(closure)) = self.scopes.meaning_mut(name)
        {
            closure.is_recorded_body |= self.is_recorded;
            closure.is_used_otherwise |= !self.is_recorded;
            self.starts_operations |= closure.starts_operations && !self.is_recorded;
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if call.args.iter().any(|argument| self.scopes.is_context(argument)) {
            self.note_operation();
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_await(&mut self, awaited: &'ast ExprAwait) {
        if let Expr::MethodCall(call) = awaited.base.as_ref()
            && !call.args.iter().any(|argument| self.scopes.is_context(argument))
        {
            self.report(&call.method, calls::reason_of_awaited(call));
        }
        visit::visit_expr_await(self, awaited);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let is_operation = operations::is_operation(&call.method) && self.scopes.is_context(&call.receiver);
        if is_operation || call.args.iter().any(|argument| self.scopes.is_context(argument)) {
            self.note_operation();
        }
        if is_operation
            && call.method == "map"
            && let Some(items) = call.args.get(1)
        {
            self.report_unordered(items);
        }
        if unordered::sorts(&call.method)
            && let Some(name) = name_of(&call.receiver)
            && let Some(meaning @ Meaning::Unordered(_)) = self.scopes.meaning_mut(name)
        {
            *meaning = Meaning::Other;
        }
        self.report(&call.method, calls::reason_of_method(&call.method));
        self.visit_expr(&call.receiver);
        if self.visit_arguments(call) {
            self.report_unordered(&call.receiver);
        }
    }

    // What stands in `format!`, `join!` and their like is usually a list of expressions.
    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.report(&invocation.path, calls::reason_of_macro(&invocation.path));
        let Ok(arguments) = invocation.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        else {
            return;
        };
        // `race!` and `try_join!` take a context.
        if arguments.iter().any(|argument| self.scopes.is_context(argument)) {
            self.note_operation();
        }
        for argument in &arguments {
            HandlerCode::visit_expr(self, argument);
        }
    }

    // Functions declared inside the handler are called from anywhere, from steps too.
    fn visit_item(&mut self, _: &'ast Item) {}
}

/// The name and the type of a pattern that is no more than that.
fn named(pat: &Pat) -> (Option<&syn::PatIdent>, Option<&Type>) {
    match pat {
        Pat::Ident(ident) if ident.subpat.is_none() => (Some(ident), None),
        Pat::Type(typed) => (named(&typed.pat).0, Some(&typed.ty)),
        _ => (None, None),
    }
}
