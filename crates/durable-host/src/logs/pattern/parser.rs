//! Parses filter patterns.

use super::condition::{Condition, Key, Operand, Operator};

/// The maximum nesting depth of conditions, which bounds the use of the stack.
const MAX_DEPTH: usize = 32;
/// Marks a quoted term, in which `-` and `?` have no special meaning.
pub(super) const QUOTED: char = '\u{1}';

/// A recursive-descent parser of filter patterns.
pub(super) struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text, depth: 0 }
    }

    /// Parses the remaining text as terms.
    pub(super) fn terms(mut self) -> Result<Vec<String>, String> {
        let mut terms = Vec::new();
        while !self.is_at_end() {
            let sign = ["-\"", "?\""].into_iter().find(|sign| self.rest.starts_with(sign));
            let sign = sign.and_then(|sign| sign.get(..1)).unwrap_or_default();
            self.rest = self.rest.get(sign.len()..).unwrap_or_default();
            let term = match self.quoted()? {
                Some(text) if sign.is_empty() => format!("{QUOTED}{text}"),
                Some(text) => format!("{sign}{text}"),
                None => self.take_while(|character| !character.is_whitespace()).to_owned(),
            };
            terms.push(term);
        }
        Ok(terms)
    }

    /// Parses the remaining text as a single condition.
    pub(super) fn condition(mut self) -> Result<Condition, String> {
        let condition = self.disjunction()?;
        if self.is_at_end() { Ok(condition) } else { Err(self.problem()) }
    }

    fn disjunction(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.conjunction()?];
        while self.take("||") {
            conditions.push(self.conjunction()?);
        }
        Ok(if conditions.len() > 1 { Condition::Any(conditions) } else { Condition::All(conditions) })
    }

    fn conjunction(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.primary()?];
        while self.take("&&") {
            conditions.push(self.primary()?);
        }
        Ok(Condition::All(conditions))
    }

    fn primary(&mut self) -> Result<Condition, String> {
        if !self.take("(") {
            return self.comparison();
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err("nested too deeply".to_owned());
        }
        let condition = self.disjunction()?;
        self.depth = self.depth.saturating_sub(1);
        if self.take(")") { Ok(condition) } else { Err(self.problem()) }
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let path = self.path()?;
        if self.take_word("NOT") {
            return if self.take_word("EXISTS") {
                Ok(Condition::NotExists(path))
            } else {
                Err(self.problem())
            };
        }
        if self.take_word("IS") {
            return match () {
                () if self.take_word("TRUE") => Ok(Condition::IsTrue(path)),
                () if self.take_word("FALSE") => Ok(Condition::IsFalse(path)),
                () if self.take_word("NULL") => Ok(Condition::IsNull(path)),
                () => Err(self.problem()),
            };
        }
        let operators = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let operator = operators.into_iter().find(|(sign, _)| self.take(sign)).map(|(_, operator)| operator);
        let operator = operator.ok_or_else(|| self.problem())?;
        Ok(Condition::Compare { path, operator, operand: self.operand()? })
    }

    fn path(&mut self) -> Result<Vec<Key>, String> {
        if !self.take("$") {
            return Err(self.problem());
        }
        let mut path = Vec::new();
        loop {
            if self.rest.starts_with('.') {
                self.rest = self.rest.get(1..).unwrap_or_default();
                let name =
                    self.take_while(|character| character.is_alphanumeric() || "_-@".contains(character));
                if name.is_empty() {
                    return Err(self.problem());
                }
                path.push(Key::Member(name.to_owned()));
            } else if self.rest.starts_with('[') {
                self.rest = self.rest.get(1..).unwrap_or_default();
                let key = match self.quoted()? {
                    Some(name) => Key::Member(name),
                    None => {
                        let number = self.take_while(|character| character.is_ascii_digit());
                        Key::Element(number.parse().map_err(|_| self.problem())?)
                    }
                };
                path.push(key);
                if !self.take("]") {
                    return Err(self.problem());
                }
            } else {
                return if path.is_empty() { Err(self.problem()) } else { Ok(path) };
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        self.skip_space();
        if let Some(text) = self.quoted()? {
            return Ok(Operand::Text(text));
        }
        let word = self.take_while(|character| !character.is_whitespace() && !"()&|".contains(character));
        match word.parse::<f64>() {
            _ if word.is_empty() => Err(self.problem()),
            Ok(number) => Ok(Operand::Number(number)),
            Err(_) => Ok(Operand::Text(word.to_owned())),
        }
    }

    /// Parses quoted text, if the remaining text starts with a quote.
    fn quoted(&mut self) -> Result<Option<String>, String> {
        let Some(inner) = self.rest.strip_prefix('"') else { return Ok(None) };
        let (mut text, mut escaped) = (String::new(), false);
        for (index, character) in inner.char_indices() {
            match character {
                _ if escaped => {
                    text.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.rest = inner.get(index.saturating_add(1)..).unwrap_or_default();
                    return Ok(Some(text));
                }
                _ => text.push(character),
            }
        }
        Err("missing closing quote".to_owned())
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric());
        let found = self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let rest = self.rest.get(word.len()..).filter(|rest| found && ends(rest));
        if let Some(rest) = rest {
            self.rest = rest;
        }
        rest.is_some()
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.rest.is_empty()
    }

    fn problem(&self) -> String {
        let rest: String = self.rest.chars().take(20).collect();
        format!("'{rest}'")
    }
}
