//! The parameters of a step's function, and the arguments of each attempt.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, Ident, PatType, Signature, Type};

use crate::errors::Errors;
use crate::parameter::Parameter;
use crate::type_name::last_segment;

/// The parameters of the function.
pub(crate) struct Parameters {
    /// How the function takes the context of the attempt, if it does.
    pub(crate) step_context: Option<StepContextBy>,
    /// The other parameters, which the wrapper has as well.
    pub(crate) arguments: Vec<Parameter>,
}

/// How a function takes its `StepContext`.
#[derive(Clone, Copy)]
pub(crate) enum StepContextBy {
    Value,
    Reference,
}

impl Parameters {
    /// Parses the parameters of a function.
    pub(crate) fn of(signature: &Signature, errors: &mut Errors) -> Self {
        let mut parameters = Self { step_context: None, arguments: Vec::new() };
        for (index, input) in signature.inputs.iter().enumerate() {
            match input {
                FnArg::Receiver(receiver) => errors.at(
                    receiver,
                    "a step is a free function; pass what it needs of `self` as a parameter, or use `ctx.step(..)`",
                ),
                FnArg::Typed(typed) => parameters.add(index, typed, errors),
            }
        }
        if let Some(variadic) = &signature.variadic {
            errors.at(variadic, "a step takes a fixed number of parameters");
        }
        parameters
    }

    fn add(&mut self, index: usize, typed: &PatType, errors: &mut Errors) {
        let ty = &*typed.ty;
        match (last_segment(ty).map(Ident::to_string).as_deref(), index) {
            (Some("StepContext"), 0) => {
                let by_reference = matches!(ty, Type::Reference(_));
                self.step_context =
                    Some(if by_reference { StepContextBy::Reference } else { StepContextBy::Value });
            }
            (Some("StepContext"), _) => errors.at(typed, "the `StepContext` is a step's first parameter"),
            (Some("DurableContext"), _) => errors.at(
                typed,
                "a step has no durable operations of its own, so it cannot take a `DurableContext`; \
                 its wrapper takes one already",
            ),
            (_, _) => {
                if let Type::Reference(reference) = ty
                    && reference.mutability.is_some()
                {
                    errors.at(
                        ty,
                        "a step can run again, and not at all on replay, so what it changes in place is lost; \
                         take `&` and return the change",
                    );
                }
                self.arguments.push(Parameter::new(index, typed));
            }
        }
    }
}

impl StepContextBy {
    /// Returns the argument for this variable.
    pub(crate) fn argument(self, step: &Ident) -> TokenStream {
        match self {
            Self::Value => quote!(#step),
            Self::Reference => quote!(&#step),
        }
    }
}
