//! Validation of strings: length and characters.

use super::function_name::is_function_name;
use crate::limits::{
    MAX_CALLBACK_ID_LENGTH, MAX_CHECKPOINT_TOKEN_LENGTH, MAX_CLIENT_TOKEN_LENGTH, MAX_EXECUTION_NAME_LENGTH,
    MAX_FUNCTION_NAME_LENGTH, MAX_KMS_KEY_ARN_LENGTH, MAX_OPERATION_ID_LENGTH, MAX_OPERATION_NAME_LENGTH,
    MAX_PAUSE_REASON_LENGTH, MAX_QUALIFIER_LENGTH, MAX_SUB_TYPE_LENGTH, MAX_TENANT_ID_LENGTH,
    MAX_TRACE_HEADER_LENGTH,
};
use crate::violation::Violation;

/// Checks the id of an operation.
pub fn operation_id(id: &str) -> Result<(), Violation> {
    TextRule::OPERATION_ID.check("Id", id)
}

/// Checks the name of an operation.
pub fn operation_name(name: &str) -> Result<(), Violation> {
    TextRule::OPERATION_NAME.check("Name", name)
}

/// Checks the subtype of an operation.
pub fn sub_type(sub_type: &str) -> Result<(), Violation> {
    TextRule::SUB_TYPE.check("SubType", sub_type)
}

/// Checks the name of an execution.
pub fn execution_name(name: &str) -> Result<(), Violation> {
    TextRule::EXECUTION_NAME.check("DurableExecutionName", name)
}

/// Checks the name of a function: a name, a partial ARN or an ARN, with or without a qualifier.
pub fn function_name(name: &str) -> Result<(), Violation> {
    TextRule::FUNCTION_NAME.check("FunctionName", name)
}

/// Checks a version or an alias of a function.
pub fn qualifier(qualifier: &str) -> Result<(), Violation> {
    TextRule::QUALIFIER.check("Qualifier", qualifier)
}

/// Checks a tenant id.
pub fn tenant_id(tenant_id: &str) -> Result<(), Violation> {
    TextRule::TENANT_ID.check("TenantId", tenant_id)
}

/// Checks a trace header.
pub fn trace_header(header: &str) -> Result<(), Violation> {
    TextRule::TRACE_HEADER.check("XAmznTraceId", header)
}

/// Checks the format of a checkpoint token.
pub fn checkpoint_token(token: &str) -> Result<(), Violation> {
    TextRule::CHECKPOINT_TOKEN.check("CheckpointToken", token)
}

/// Checks the format of a client token.
pub fn client_token(token: &str) -> Result<(), Violation> {
    TextRule::CLIENT_TOKEN.check("ClientToken", token)
}

/// Checks the format of a callback id.
pub fn callback_id(id: &str) -> Result<(), Violation> {
    TextRule::CALLBACK_ID.check("CallbackId", id)
}

/// The maximum length and the pattern of a string.
#[derive(Debug)]
pub(crate) struct TextRule {
    min: usize,
    max: usize,
    form: Form,
}

/// The pattern of a string.
#[derive(Clone, Copy, Debug)]
enum Form {
    Anything,
    /// `[a-zA-Z0-9-_]+`
    Word,
    /// `[\x20-\x7E]+`
    Printable,
    /// `[\x21-\x7E]+`
    Visible,
    /// `[A-Za-z0-9+/]+={0,2}`
    Base64,
    /// `[a-zA-Z0-9\._:\/=+\-@ ]+`
    Tenant,
    /// `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`
    Qualifier,
    Function,
    /// `(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`
    KmsKey,
}

impl TextRule {
    pub(crate) const OPERATION_ID: Self = Self::new(MAX_OPERATION_ID_LENGTH, Form::Word);
    pub(crate) const OPERATION_NAME: Self = Self::new(MAX_OPERATION_NAME_LENGTH, Form::Printable);
    pub(crate) const SUB_TYPE: Self = Self::new(MAX_SUB_TYPE_LENGTH, Form::Word);
    pub(crate) const EXECUTION_NAME: Self = Self::new(MAX_EXECUTION_NAME_LENGTH, Form::Word);
    pub(crate) const FUNCTION_NAME: Self = Self::new(MAX_FUNCTION_NAME_LENGTH, Form::Function);
    pub(crate) const QUALIFIER: Self = Self::new(MAX_QUALIFIER_LENGTH, Form::Qualifier);
    pub(crate) const TENANT_ID: Self = Self::new(MAX_TENANT_ID_LENGTH, Form::Tenant);
    pub(crate) const CHECKPOINT_TOKEN: Self = Self::new(MAX_CHECKPOINT_TOKEN_LENGTH, Form::Base64);
    pub(crate) const CLIENT_TOKEN: Self = Self::new(MAX_CLIENT_TOKEN_LENGTH, Form::Visible);
    pub(crate) const CALLBACK_ID: Self = Self::new(MAX_CALLBACK_ID_LENGTH, Form::Base64);
    pub(crate) const TRACE_HEADER: Self = Self::or_empty(MAX_TRACE_HEADER_LENGTH, Form::Anything);
    pub(crate) const PAUSE_REASON: Self = Self::or_empty(MAX_PAUSE_REASON_LENGTH, Form::Anything);
    pub(crate) const KMS_KEY_ARN: Self = Self::or_empty(MAX_KMS_KEY_ARN_LENGTH, Form::KmsKey);

    const fn new(max: usize, form: Form) -> Self {
        Self { min: 1, max, form }
    }

    const fn or_empty(max: usize, form: Form) -> Self {
        Self { min: 0, max, form }
    }

    /// Checks a string, the value of this member.
    pub(crate) fn check(&self, member: &'static str, text: &str) -> Result<(), Violation> {
        let length = text.chars().count();
        if !(self.min..=self.max).contains(&length) {
            let problem = format!("must have {} to {} characters, but has {length}", self.min, self.max);
            return Err(Violation::new(member, problem));
        }
        self.form.check(text).map_err(|problem| Violation::new(member, problem))
    }
}

impl Form {
    fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::Anything => Ok(()),
            Self::Word => only(text, is_word, "letters, digits, `-` and `_`"),
            Self::Printable => only(text, |c| matches!(c, ' '..='~'), "printable ASCII characters"),
            Self::Visible => {
                only(text, |c| c.is_ascii_graphic(), "printable ASCII characters without spaces")
            }
            Self::Base64 => base64(text),
            Self::Tenant => only(text, is_tenant, "letters, digits, spaces and `._:/=+-@`"),
            Self::Qualifier => match text {
                "$LATEST.PUBLISHED" => Ok(()),
                alias => only(alias, |c| is_word(c) || c == '$', "letters, digits, `-`, `_` and `$`"),
            },
            Self::Function => is_function_name(text).then_some(()).ok_or_else(|| {
                "must be the name, a partial ARN or the ARN of a function, with or without a qualifier"
                    .to_owned()
            }),
            Self::KmsKey => {
                is_kms_key_arn(text).then_some(()).ok_or_else(|| "must be the ARN of a key".to_owned())
            }
        }
    }
}

/// Checks that a string consists of these characters.
fn only(text: &str, allowed: impl Fn(char) -> bool, spelled_out: &str) -> Result<(), String> {
    match text.chars().find(|c| !allowed(*c)) {
        None => Ok(()),
        Some(other) => Err(format!("may hold {spelled_out} only, but holds {other:?}")),
    }
}

fn base64(text: &str) -> Result<(), String> {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if digits.is_empty() {
        return Err("must hold more than padding".to_owned());
    }
    only(digits, |c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'), "characters of base64")
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_tenant(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '=' | '+' | '-' | '@' | ' ')
}

fn is_kms_key_arn(text: &str) -> bool {
    let mut parts = text.splitn(4, ':');
    let (Some("arn"), Some(partition), Some(service), Some(_)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return text.is_empty();
    };
    let dashed = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let is_partition = partition.is_empty() || partition.strip_prefix("aws").is_some_and(dashed);
    let is_service = !service.is_empty()
        && service
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    is_partition && is_service
}
