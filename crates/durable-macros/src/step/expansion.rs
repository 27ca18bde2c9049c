//! The items generated for a step.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Ident, ItemFn, Lifetime, ReturnType, Signature};

use super::options::StepOptions;
use super::parameters::Parameters;
use crate::attributes::Attributes;
use crate::wrapper_signature::WrapperSignature;

/// A valid step.
pub(crate) struct Expansion<'a> {
    pub(crate) options: &'a StepOptions,
    pub(crate) name: &'a str,
    pub(crate) function: &'a ItemFn,
    pub(crate) parameters: &'a Parameters,
}

impl Expansion<'_> {
    /// Returns the wrapper and its companion.
    pub(crate) fn tokens(&self) -> TokenStream {
        let attributes = Attributes::sort(&self.function.attrs);
        let wrapper = self.wrapper(&attributes);
        let companion = self.companion(&attributes);
        quote!(#wrapper #companion)
    }

    /// Returns the function that takes the context and returns the step.
    fn wrapper(&self, attributes: &Attributes<'_>) -> TokenStream {
        let Attributes { everywhere, wrapper, .. } = attributes;
        let ItemFn { vis, sig, .. } = self.function;
        let crate_path = &self.options.crate_path;
        let function = &sig.ident;
        let mut signature = WrapperSignature::new("'ctx", sig, &self.parameters.arguments);
        let scope = signature.add_type("Scope", &quote!(#crate_path::operation::StepScope));
        let (generic_params, _, where_clause) = signature.generics.split_for_impl();
        let (lifetime, parameters, captures) =
            (&signature.lifetime, signature.parameters(), signature.captures());
        let future = self.body_future(lifetime);
        let ctx = Ident::new("ctx", Span::mixed_site());
        let step = self.step(&ctx, &future);
        // Errors about the output are reported there, not at the attribute.
        let at_output = self.output().span();
        let crate_at_output = crate_path.at(at_output);
        let value = self.value();
        let returned = quote_spanned! {at_output=>
            <#scope as #crate_at_output::operation::StepScope>::Step<
                #lifetime,
                #value,
                impl ::core::ops::Fn(#crate_at_output::StepContext) -> #future
                    + ::core::marker::Send + ::core::marker::Sync + #captures
            >
        };
        quote! {
            #(#everywhere)*
            #(#wrapper)*
            #[allow(clippy::type_complexity)]
            #vis fn #function #generic_params (
                #ctx: &#scope,
                #parameters
            ) -> #returned
            #where_clause
            {
                #step
            }
        }
    }

    /// Returns the step with its options, as an expression.
    fn step(&self, ctx: &Ident, future: &TokenStream) -> TokenStream {
        let crate_path = &self.options.crate_path;
        let function = &self.function.sig.ident;
        let step = Ident::new("step", Span::mixed_site());
        let step_pattern = match self.parameters.step_context {
            Some(_) => quote!(#step),
            None => quote!(_),
        };
        let clones = self.parameters.arguments.iter().filter_map(|argument| argument.cloned());
        let attempt = self.attempt(&step);
        let retry = self.options.retry.as_ref().map(|retry| {
            let strategy = retry.expression(crate_path);
            quote!(.retry(#strategy))
        });
        let semantics = self
            .options
            .semantics()
            .map(|variant| quote!(.semantics(#crate_path::operation::StepSemantics::#variant)));
        // A value that cannot be recorded is reported where it is returned.
        let at_output = self.output().span();
        let crate_at_output = crate_path.at(at_output);
        let body = quote! {
            move |#step_pattern: #crate_path::StepContext| -> #future {
                #(#clones)*
                #attempt
            }
        };
        let configure = quote!(|step| step #retry #semantics);
        quote_spanned! {at_output=>
            #crate_at_output::operation::StepScope::step_of(#ctx, #function::NAME, #body, #configure)
        }
    }

    /// Returns the future of an attempt, as an expression.
    fn attempt(&self, step: &Ident) -> TokenStream {
        let Signature { ident: function, generics, .. } = &self.function.sig;
        let types = generics.params.iter().filter_map(|param| match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
        });
        let step_context = self.parameters.step_context.map(|by| by.argument(step));
        let arguments = self.parameters.arguments.iter().map(|argument| argument.name.to_token_stream());
        let arguments = step_context.into_iter().chain(arguments);
        let output = self.output();
        // An error that cannot be recorded is reported where it is returned.
        let at_output = output.span();
        let support_at_output = self.support_at(at_output);
        let into_result = quote_spanned!(at_output=> #support_at_output::Fallible::into_result);
        let error = Ident::new("error", at_output);
        let crate_at_output = self.options.crate_path.at(at_output);
        let converted = quote_spanned!(at_output=> #crate_at_output::error::IntoError::into_error(#error));
        let future = quote! {
            async move {
                match #into_result(#function::call::<#(#types),*>(#(#arguments),*).await) {
                    ::core::result::Result::Ok(value) => ::core::result::Result::Ok(value),
                    ::core::result::Result::Err(#error) => ::core::result::Result::Err(#converted),
                }
            }
        };
        // A future that is not `Send` is reported at the function's name.
        quote_spanned!(function.span()=> ::std::boxed::Box::pin(#future))
    }

    /// Returns the companion: the body, callable without a context, and the step's name.
    fn companion(&self, attributes: &Attributes<'_>) -> TokenStream {
        let Attributes { everywhere, body, .. } = attributes;
        let ItemFn { vis, sig, block, .. } = self.function;
        let function = &sig.ident;
        let name = self.name;
        let call = Signature { ident: Ident::new("call", function.span()), ..sig.clone() };
        let companion_doc = format!("The step `{function}` without its context: its name, and its body.");
        let call_doc = format!("The body of the step `{function}`: nothing is recorded, nothing is retried.");
        quote! {
            #(#everywhere)*
            #[doc = #companion_doc]
            #[allow(non_camel_case_types, missing_debug_implementations, missing_copy_implementations)]
            #vis enum #function {}

            #(#everywhere)*
            #[allow(dead_code)]
            impl #function {
                #[doc = "The name of the step."]
                #vis const NAME: &'static str = #name;

                #[doc = #call_doc]
                #(#body)*
                #vis #call #block
            }
        }
    }

    /// Returns the type of an attempt's future.
    fn body_future(&self, lifetime: &Lifetime) -> TokenStream {
        let (output, value) = (self.output(), self.value());
        let support = self.support_at(output.span());
        quote_spanned!(output.span()=> #support::BodyFuture<#lifetime, #value>)
    }

    /// Returns the type of the step's value.
    fn value(&self) -> TokenStream {
        let output = self.output();
        let support = self.support_at(output.span());
        quote_spanned!(output.span()=> <#output as #support::Fallible>::Value)
    }

    fn output(&self) -> TokenStream {
        match &self.function.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, output) => output.to_token_stream(),
        }
    }

    fn support_at(&self, span: Span) -> TokenStream {
        let crate_path = self.options.crate_path.at(span);
        quote_spanned!(span=> #crate_path::macro_support)
    }
}
