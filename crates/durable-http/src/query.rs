//! The query parameters of a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

use super::error::ApiError;

/// The query parameters of a request. Of duplicates, the first counts, except in lists; unknown ones are ignored.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses the part of a URI after the `?`, or a form.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let parameters = text.split('&').filter(|parameter| !parameter.is_empty()).map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            Ok((decoded(name)?, decoded(value)?))
        });
        Ok(Self(parameters.collect::<Result<_, ApiError>>()?))
    }

    /// Returns a parameter as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the values of a list, of which each is a parameter of its own.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let flag = |text: &str| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ApiError::invalid(format!("{name} is `{text}`, but must be true or false"))),
        };
        self.text(name).map(flag).transpose()
    }

    /// Returns a parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, ApiError> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| ApiError::invalid(format!("{name} is `{text}`, but must be a whole number")))
        };
        self.text(name).map(number).transpose()
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

fn decoded(text: &str) -> Result<String, ApiError> {
    let text = text.replace('+', " ");
    match percent_decode_str(&text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(ApiError::invalid(format!("the query parameter `{text}` is not UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query = Query::parse("Qualifier=%24LATEST&Marker=a%2Bb+c&Empty").unwrap();

        assert_eq!(query.text("Qualifier"), Some("$LATEST"));
        assert_eq!(query.text("Marker"), Some("a+b c"));
        assert_eq!(query.text("Empty"), Some(""));
        assert_eq!(query.text("MaxItems"), None);
    }

    #[test]
    fn each_value_of_a_list_is_a_parameter() {
        let query = Query::parse("Statuses=RUNNING&MaxItems=1&Statuses=FAILED").unwrap();

        assert_eq!(query.texts("Statuses").collect::<Vec<_>>(), ["RUNNING", "FAILED"]);
    }

    #[test]
    fn an_invalid_value_is_named() {
        let query = Query::parse("ReverseOrder=yes&MaxItems=-1").unwrap();

        assert_eq!(
            query.flag("ReverseOrder"),
            Err(ApiError::invalid("ReverseOrder is `yes`, but must be true or false"))
        );
        assert_eq!(
            query.number("MaxItems"),
            Err(ApiError::invalid("MaxItems is `-1`, but must be a whole number"))
        );
    }
}
