//! The parameters behind the `?` of a request.

use super::{ApiError, percent};

/// The parameters of a request, by name. Of those given twice the first counts, but for lists.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes what stands behind the `?`.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let parameters = text.split('&').filter(|parameter| !parameter.is_empty()).map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let text = |text: &str| percent::decoded("query parameter", &text.replace('+', " "));
            Ok((text(name)?, text(value)?))
        });
        Ok(Self(parameters.collect::<Result<_, ApiError>>()?))
    }

    /// A parameter as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that is a list, each given by itself.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let flag = |text: &str| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(ApiError::invalid(format!("{name} is `{text}`, but must be true or false"))),
        };
        self.text(name).map(flag).transpose()
    }

    /// A parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, ApiError> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| ApiError::invalid(format!("{name} is `{text}`, but must be a whole number")))
        };
        self.text(name).map(number).transpose()
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
    fn a_list_is_given_value_by_value() {
        let query = Query::parse("Statuses=RUNNING&MaxItems=1&Statuses=FAILED").unwrap();

        assert_eq!(query.texts("Statuses").collect::<Vec<_>>(), ["RUNNING", "FAILED"]);
    }

    #[test]
    fn a_value_of_the_wrong_form_is_named() {
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
