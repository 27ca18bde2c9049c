//! Validation of a handler's signature.

use syn::{FnArg, PatType, ReturnType, Signature, Type};

use crate::errors::Errors;
use crate::parameter::Parameter;
use crate::type_name::last_segment;

/// The parts of the signature.
pub(crate) struct HandlerSignature<'a> {
    pub(crate) event: &'a Type,
    pub(crate) state: Vec<Parameter>,
    pub(crate) output: &'a Type,
}

/// Parses the signature of a handler. Returns `None` if it is invalid.
pub(crate) fn read<'a>(signature: &'a Signature, errors: &mut Errors) -> Option<HandlerSignature<'a>> {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        errors.at(signature.fn_token, format!("a handler is async; write `async fn {name}`"));
    }
    let parameters = parameters(signature, errors);
    let output = match &signature.output {
        ReturnType::Type(_, output) => Some(&**output),
        ReturnType::Default => {
            errors.at(
                name,
                "a handler returns a `Result`; write `-> durable::Result<()>` and end with `Ok(())`",
            );
            None
        }
    };
    let (event, state) = parameters?;
    Some(HandlerSignature { event, state, output: output? })
}

/// Checks the parameters and returns the type of the event and the state.
fn parameters<'a>(signature: &'a Signature, errors: &mut Errors) -> Option<(&'a Type, Vec<Parameter>)> {
    let mut typed = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Typed(parameter) => typed.push(parameter),
            FnArg::Receiver(receiver) => {
                errors.at(
                    receiver,
                    "a handler is a free function; it takes state as parameters after the context: \
                     `(event: Event, ctx: DurableContext, state: &State)`",
                );
                return None;
            }
        }
    }
    match typed.as_slice() {
        [event, context, state @ ..] => {
            check_order(event, context, errors);
            let state = state.iter().enumerate().map(|(index, state)| {
                check_state(state, errors);
                Parameter::new(index, state)
            });
            Some((&event.ty, state.collect()))
        }
        [only] if is_context(&only.ty) => {
            errors.at(
                only,
                "a handler takes the event before the context: `(event: Event, ctx: DurableContext)`",
            );
            None
        }
        [_] => {
            errors.at(
                &signature.inputs,
                "a handler takes the context after the event: add `ctx: DurableContext`",
            );
            None
        }
        [] => {
            errors.at(
                &signature.ident,
                "a handler takes the event and the context: `(event: Event, ctx: DurableContext)`",
            );
            None
        }
    }
}

fn check_order(event: &PatType, context: &PatType, errors: &mut Errors) {
    if is_context(&event.ty) && !is_context(&context.ty) {
        errors.at(event, "the event comes first: `(event: Event, ctx: DurableContext)`");
        return;
    }
    if matches!(*event.ty, Type::Reference(_) | Type::ImplTrait(_)) {
        errors.at(
            &event.ty,
            "the event is made for each invocation; take it by value, as a type that owns its data",
        );
    }
    if !is_context(&context.ty) {
        errors.at(&context.ty, "the second parameter is the context: `ctx: DurableContext`");
    } else if matches!(*context.ty, Type::Reference(_)) {
        errors.at(&context.ty, "the handler owns its context; take `DurableContext` by value");
    }
}

fn check_state(state: &PatType, errors: &mut Errors) {
    if is_context(&state.ty) {
        errors.at(state, "a handler has one context, its second parameter");
    }
    if let Type::Reference(reference) = &*state.ty
        && reference.mutability.is_some()
    {
        errors.at(
            &state.ty,
            "invocations share the state of a handler, and what one changes in it is lost on replay; take `&`",
        );
    }
}

fn is_context(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| name == "DurableContext")
}
