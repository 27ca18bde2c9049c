//! Validation of a step's signature, except its parameters.

use syn::visit::{self, Visit};
use syn::{ReturnType, Safety, Signature, TypeFnPtr, TypeReference};

use crate::errors::Errors;

/// Checks the signature, as far as possible without types.
pub(crate) fn check(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        errors.at(signature.fn_token, format!("a step is async; write `async fn {name}`"));
    }
    if let Safety::Unsafe(unsafe_token) = &signature.safety {
        errors.at(unsafe_token, "a step cannot be unsafe, because its wrapper is called by safe code");
    }
    match &signature.output {
        ReturnType::Default => {
            errors
                .at(name, "a step returns a `Result`; write `-> durable::Result<()>` and end with `Ok(())`");
        }
        ReturnType::Type(_, output) => Borrows(errors).visit_type(output),
    }
}

/// Finds references without an explicit lifetime in the return type of a step.
struct Borrows<'e>(&'e mut Errors);

impl<'ast> Visit<'ast> for Borrows<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_") {
            self.0.at(
                reference,
                "a step's value is recorded and read again, so it cannot borrow; return an owned value",
            );
        }
        visit::visit_type_reference(self, reference);
    }

    // The references in `fn(&str)` belong to its callers.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
}
