//! The bodies of operations that enclose a position in the code, and their contexts.

use syn::{ExprClosure, ExprMethodCall, Ident, Pat};

use super::names::ident_of;
use super::operations;

/// The body of an operation.
pub(super) struct Body {
    /// The method to which it is passed.
    method: Ident,
    context: BodyContext,
}

/// The context that a body receives.
enum BodyContext {
    /// A `StepContext`, which cannot start operations.
    Step,
    /// A context of its own; `None` if the parameter is unused.
    Durable(Option<Ident>),
}

/// The bodies that enclose a position in the code of a handler, innermost last.
#[derive(Default)]
pub(super) struct Bodies(Vec<Body>);

/// The code that owns a context, as the number of bodies that enclose it: 0 is the handler.
#[derive(Clone, Copy)]
pub(super) struct Owner(usize);

impl Owner {
    pub(super) const HANDLER: Self = Self(0);
}

impl Body {
    /// Returns the body that a closure is as the last argument of a context's method, or `None` if the method takes none.
    pub(super) fn of(call: &ExprMethodCall, closure: &ExprClosure) -> Option<Self> {
        let context = if operations::has_recorded_body(&call.method) {
            BodyContext::Step
        } else if operations::contexts_of_body(&call.method) > 0 {
            BodyContext::Durable(closure.inputs.first().and_then(used_name))
        } else {
            return None;
        };
        Some(Self { method: call.method.clone(), context })
    }
}

impl Bodies {
    pub(super) fn enter(&mut self, body: Body) {
        self.0.push(body);
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Returns the owner of the contexts that the innermost body receives.
    pub(super) fn innermost(&self) -> Owner {
        Owner(self.0.len())
    }

    /// Returns why an operation cannot start in this context here and what to do instead, or `None` if it can.
    ///
    /// The last argument formats the call for a context.
    pub(super) fn reason(
        &self,
        context: &Ident,
        Owner(owner): Owner,
        call: impl Fn(&Ident) -> String,
    ) -> Option<String> {
        let Body { method, context: own } = self.0.get(owner..)?.last()?;
        let owner = match owner.checked_sub(1).and_then(|index| self.0.get(index)) {
            None => "the handler".to_owned(),
            Some(body) => format!("the body of `{}`", body.method),
        };
        let advice = match own {
            BodyContext::Step => {
                let group =
                    if method == "step" { ", or group operations with `run_in_child_context`" } else { "" };
                let call = call(context);
                format!(
                    "a `StepContext`, which starts no operations; call `{call}` before it and use the result in the \
                     body{group}"
                )
            }
            BodyContext::Durable(Some(own)) => {
                format!("a context of its own, `{own}`; write `{}`", call(own))
            }
            BodyContext::Durable(None) => format!(
                "a context of its own; name its first parameter `{context}`, so that `{}` uses that context",
                call(context)
            ),
        };
        Some(format!("`{context}` is the context of {owner}, but the body of `{method}` receives {advice}"))
    }
}

/// Returns the name of a parameter, unless it marks the parameter as unused.
fn used_name(parameter: &Pat) -> Option<Ident> {
    let name = &ident_of(parameter)?.ident;
    (!name.to_string().starts_with('_')).then(|| name.clone())
}
