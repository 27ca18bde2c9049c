//! The bodies of operations around a place in the code, each of which has its own context or none.

use syn::{ExprClosure, ExprMethodCall, Ident, Pat};

use super::names::ident_of;
use super::operations;

/// The body of an operation.
pub(super) struct Body {
    /// The method that takes it.
    method: Ident,
    context: BodyContext,
}

/// The context that a body receives.
enum BodyContext {
    /// A `StepContext`, which starts no operations.
    Step,
    /// A context of its own; unnamed if the parameter is not used.
    Durable(Option<Ident>),
}

/// The bodies around a place in the code of a handler; the innermost is the last.
#[derive(Default)]
pub(super) struct Bodies(Vec<Body>);

/// The code that a context belongs to, by the number of bodies around it: the handler, or one of its bodies.
#[derive(Clone, Copy)]
pub(super) struct Owner(usize);

impl Owner {
    pub(super) const HANDLER: Self = Self(0);
}

impl Body {
    /// The body that a closure is if it is the last argument of this method of a context; none if it takes no body.
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

    /// The owner of the contexts that the innermost body receives.
    pub(super) fn innermost(&self) -> Owner {
        Owner(self.0.len())
    }

    /// Why an operation cannot start in this context here, and what to do instead; none if it can.
    ///
    /// The last argument writes the call for a given context.
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

/// The name of a parameter, unless it says that the parameter is not used.
fn used_name(parameter: &Pat) -> Option<Ident> {
    let name = &ident_of(parameter)?.ident;
    (!name.to_string().starts_with('_')).then(|| name.clone())
}
