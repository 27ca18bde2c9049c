//! Visits the code of a handler that runs again on every replay.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprAwait, ExprCall, ExprClosure, ExprForLoop, ExprIf, ExprMethodCall, ExprPath, FnArg,
    Ident, Item, ItemFn, Local, Macro, Pat, PatIdent, Stmt, Token, Type,
};

use super::bodies::{Bodies, Body, Owner};
use super::names::{ident_of, name_of};
use super::scopes::{Closure, Meaning, Scopes};
use super::{calls, operations, unordered};
use crate::errors::Errors;

/// Returns the problems found in a handler.
pub(crate) fn check(handler: &ItemFn, errors: &mut Errors) {
    let mut code = HandlerCode::default();
    code.in_scope(|code| {
        for input in &handler.sig.inputs {
            if let FnArg::Typed(parameter) = input {
                code.scopes.bind_typed(parameter, Owner::HANDLER);
            }
        }
        code.visit_block(&handler.block);
    });
    errors.append(code.findings);
    errors.append(code.misuses);
}

/// The state of the visitor.
#[derive(Default)]
struct HandlerCode {
    scopes: Scopes,
    bodies: Bodies,
    findings: Errors,
    /// Operations that are started in the body of another one, but in an outer context.
    misuses: Errors,
    /// Whether the current code is the body of a step, which runs once and is not restricted.
    is_recorded: bool,
    /// Whether an operation has been started since the last reset.
    starts_operations: bool,
    /// Whether the current code is an argument of a macro, where names may have other meanings.
    is_rewritten: bool,
}

impl HandlerCode {
    fn report(&mut self, tokens: impl ToTokens, reason: Option<String>) {
        let Some(reason) = reason.filter(|_| !self.is_recorded) else { return };
        let way_out = "if that is intended, write `#[durable::handler(allow(nondeterminism))]`";
        self.findings.at(tokens, format!("{reason}; {way_out}"));
    }

    /// Reports an operation in this context if the context belongs to code outside of the current body.
    fn report_outer_context(&mut self, context: &Expr, call: impl Fn(&Ident) -> String) {
        if let Some((name, Some(owner))) = self.scopes.context(context)
            && !self.is_rewritten
            && let Some(reason) = self.bodies.reason(name, owner, call)
        {
            self.misuses.at(context, reason);
        }
    }

    /// Visits code in a scope of its own.
    fn in_scope(&mut self, walk: impl FnOnce(&mut Self)) {
        self.scopes.enter();
        walk(self);
        for closure in self.scopes.leave().filter(Closure::is_replayed) {
            self.findings.append(closure.findings);
        }
    }

    /// Returns the binding that a `let` with this type and value creates.
    fn meaning_of_let(&self, name: &PatIdent, ty: Option<&Type>, value: &Expr) -> Meaning {
        if let Some((_, owner)) = self.scopes.context(value) {
            return Meaning::context(name, owner);
        }
        if let Some(ty) = ty {
            let meaning = Meaning::of_type(ty);
            if !matches!(meaning, Meaning::Other) || unordered::is_ordering(ty) {
                return meaning;
            }
        }
        if self.scopes.is_builder(value) {
            return Meaning::Builder;
        }
        unordered::collection_of(value, &self.scopes).map_or(Meaning::Other, Meaning::Unordered)
    }

    /// Visits code and returns whether it starts operations.
    fn observed(&mut self, walk: impl FnOnce(&mut Self)) -> bool {
        let outside = std::mem::take(&mut self.starts_operations);
        walk(self);
        let inside = self.starts_operations;
        self.starts_operations |= outside;
        inside
    }

    /// Visits the body of a step, or an expression that evaluates to one.
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

    /// Visits the body of an operation, or code that may be one.
    fn in_body(&mut self, body: Option<Body>, walk: impl FnOnce(&mut Self, Option<Owner>)) {
        let Some(body) = body else { return walk(self, None) };
        self.bodies.enter(body);
        walk(self, Some(self.bodies.innermost()));
        self.bodies.leave();
    }

    /// Returns the body that an argument of a method is, if the method certainly belongs to a context or a builder.
    fn body_of(&self, call: &ExprMethodCall, argument: &Expr) -> Option<Body> {
        let Expr::Closure(closure) = argument else { return None };
        let takes_body = (operations::is_operation(&call.method) && self.scopes.is_context_method(call))
            || (operations::is_builder_of_body(&call.method) && self.scopes.is_builder(&call.receiver));
        takes_body.then(|| Body::of(call, closure)).flatten()
    }

    /// Visits a closure whose first parameters are contexts, owned by this code if that is certain.
    fn visit_closure(&mut self, closure: &ExprClosure, contexts: usize, owner: Option<Owner>) {
        self.in_scope(|code| {
            code.scopes.bind_parameters(&closure.inputs, contexts, owner);
            code.visit_expr(&closure.body);
        });
    }

    /// Visits a closure bound by a `let`. Its problems are reported once the uses of the closure are known.
    fn visit_named_closure(&mut self, closure: &ExprClosure) -> Closure {
        let findings = std::mem::take(&mut self.findings);
        let outside = std::mem::take(&mut self.starts_operations);
        self.visit_closure(closure, 0, None);
        Closure {
            findings: std::mem::replace(&mut self.findings, findings),
            starts_operations: std::mem::replace(&mut self.starts_operations, outside),
            ..Closure::default()
        }
    }

    /// Notes that an operation is started here, except in the body of a step, where it is an error anyway.
    fn note_operation(&mut self) {
        self.starts_operations |= !self.is_recorded;
    }

    /// Reports operations that are started in an iteration without a defined order.
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

    /// Visits the arguments of a method and returns whether one of them is a closure that starts operations.
    fn visit_arguments(&mut self, call: &ExprMethodCall) -> bool {
        let contexts = operations::contexts_of_body(&call.method);
        let has_recorded_body = operations::has_recorded_body(&call.method);
        let mut closure_starts_operations = false;
        for (index, argument) in call.args.iter().enumerate() {
            let is_last = index + 1 == call.args.len();
            let body = if is_last { self.body_of(call, argument) } else { None };
            let starts_operations = self.observed(|code| {
                code.in_body(body, |code, owner| match argument {
                    argument if has_recorded_body && is_last => code.visit_recorded(argument),
                    Expr::Closure(closure) => code.visit_closure(closure, contexts, owner),
                    other => code.visit_expr(other),
                });
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
        let (name, ty) = (ident_of(&local.pat), type_of(&local.pat));
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
                let meaning = self.meaning_of_let(name, ty, &init.expr);
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
        self.visit_closure(closure, 0, None);
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
        if operations::starts(&call.method) {
            self.report_outer_context(&call.receiver, |context| format!("{context}.{}(..)", call.method));
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

    // The input of `format!`, `join!` and similar macros is usually a list of expressions.
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
        let is_rewritten = self.is_rewritten;
        self.is_rewritten |= !operations::takes_futures(&invocation.path);
        if let (Some(name), Some(context)) = (operations::decision(&invocation.path), arguments.first()) {
            self.report_outer_context(context, |context| format!("{name}!({context}, ..)"));
        }
        for argument in &arguments {
            HandlerCode::visit_expr(self, argument);
        }
        self.is_rewritten = is_rewritten;
    }

    // Functions declared inside the handler may be called from steps.
    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Returns the type of a pattern that declares one.
fn type_of(pat: &Pat) -> Option<&Type> {
    match pat {
        Pat::Type(typed) => Some(&typed.ty),
        _ => None,
    }
}
