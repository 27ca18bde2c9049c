//! What one file of Rust says about modules: those it declares, and the paths it uses.

use proc_macro2::{LexError, TokenStream, TokenTree};

/// The modules that a file declares, the items that it defines, and the paths that it uses.
///
/// Inline modules count as part of their file, except those of unit tests: nothing can import from them, so they are part
/// of no cycle.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) imports: Vec<Import>,
    /// The paths outside of imports that have more than one segment.
    pub(crate) paths: Vec<Vec<String>>,
    /// The names of the items at the top level.
    pub(crate) items: Vec<String>,
}

/// A module in a file of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) name: String,
    /// The path in its attribute, if it has one.
    pub(crate) path: Option<String>,
}

/// One leaf of a `use` declaration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// The name that it introduces, or `None` for all names.
    pub(crate) name: Option<String>,
    pub(crate) is_public: bool,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Result<Self, LexError> {
        let tokens: Vec<_> = text.parse::<TokenStream>()?.into_iter().collect();
        let mut source = Self { items: items(&tokens), ..Self::default() };
        source.scan(&tokens, 0);
        Ok(source)
    }

    /// Scans tokens that are nested in this many inline modules.
    fn scan(&mut self, tokens: &[TokenTree], depth: usize) {
        let mut at = 0;
        while let Some((before, rest @ [token, after @ ..])) = tokens.split_at_checked(at) {
            at += match token {
                TokenTree::Ident(word) if word == "use" => self.scan_use(before, after, depth),
                TokenTree::Ident(word) if word == "mod" => self.scan_mod(before, after, depth),
                TokenTree::Ident(_) => {
                    let path = leading_path(rest);
                    let length = 3 * path.len() - 2;
                    if path.len() > 1 && !ends_with_colons(before) {
                        self.paths.push(in_file(path, depth));
                    }
                    length
                }
                TokenTree::Group(group) => {
                    self.scan(&group.stream().into_iter().collect::<Vec<_>>(), depth);
                    1
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
            };
        }
    }

    /// Scans a declaration after `use`. Returns the number of its tokens.
    fn scan_use(&mut self, before: &[TokenTree], after: &[TokenTree], depth: usize) -> usize {
        let length = after.iter().take_while(|token| !is_punct(token, ';')).count();
        let tree = after.get(..length).unwrap_or_default();
        // `use<'a>` in a bound is no declaration.
        if tree.first().is_some_and(|token| is_punct(token, '<')) {
            return 1;
        }
        let mut leaves = Vec::new();
        collect_leaves(&[], tree, &mut leaves);
        let is_public = is_public(before);
        self.imports.extend(leaves.into_iter().map(|(path, name)| Import {
            path: in_file(path, depth),
            name,
            is_public,
        }));
        length + 1
    }

    /// Scans a module after `mod`. Returns the number of its tokens.
    fn scan_mod(&mut self, before: &[TokenTree], after: &[TokenTree], depth: usize) -> usize {
        let [TokenTree::Ident(name), body, ..] = after else { return 1 };
        match body {
            TokenTree::Group(_) if has_attribute(before, "cfg(test)") => {}
            TokenTree::Group(group) => {
                self.scan(&group.stream().into_iter().collect::<Vec<_>>(), depth + 1);
            }
            _ => self.declarations.push(Declaration { name: name.to_string(), path: path_attribute(before) }),
        }
        3
    }
}

/// The path as it is written outside of inline modules.
fn in_file(mut path: Vec<String>, depth: usize) -> Vec<String> {
    let supers = path.iter().take_while(|segment| *segment == "super").count();
    let stripped = supers.min(depth);
    path.drain(..stripped);
    if stripped > 0 && stripped == supers {
        path.insert(0, "self".to_owned());
    }
    path
}

/// The path that the tokens begin with.
fn leading_path(tokens: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(segment), after @ ..] = rest {
        path.push(segment.to_string());
        let [first, second, next @ ..] = after else { break };
        if !is_punct(first, ':') || !is_punct(second, ':') {
            break;
        }
        rest = next;
    }
    path
}

/// Collects the leaves of a tree of imports: their paths, and the names they introduce.
fn collect_leaves(prefix: &[String], tree: &[TokenTree], leaves: &mut Vec<(Vec<String>, Option<String>)>) {
    for branch in tree.split(|token| is_punct(token, ',')) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut words = branch.iter();
        while let Some(token) = words.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => name = words.next().map(ToString::to_string),
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let nested: Vec<_> = group.stream().into_iter().collect();
                    collect_leaves(&path, &nested, leaves);
                    path.clear();
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    leaves.push((std::mem::take(&mut path), None));
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(last) = path.last().cloned() {
            leaves.push((path, name.or(Some(last))));
        }
    }
}

/// The names of the items among these tokens.
fn items(tokens: &[TokenTree]) -> Vec<String> {
    const KEYWORDS: [&str; 9] =
        ["const", "enum", "fn", "macro_rules", "mod", "static", "struct", "trait", "type"];
    let words: Vec<_> = tokens.iter().filter(|token| !is_punct(token, '!')).collect();
    let names = words.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(word), TokenTree::Ident(name)] => {
            KEYWORDS.iter().any(|keyword| word == keyword).then(|| name.to_string())
        }
        _ => None,
    });
    names.collect()
}

/// Whether the item after these tokens is visible outside of its module.
fn is_public(before: &[TokenTree]) -> bool {
    before.len() > without_visibility(before).len()
}

/// The tokens before the visibility that they may end with.
fn without_visibility(before: &[TokenTree]) -> &[TokenTree] {
    match before {
        [rest @ .., TokenTree::Ident(word)] if word == "pub" => rest,
        [rest @ .., TokenTree::Ident(word), TokenTree::Group(_)] if word == "pub" => rest,
        _ => before,
    }
}

/// The attributes of the item after these tokens, the last one first.
fn attributes(before: &[TokenTree]) -> impl Iterator<Item = Vec<TokenTree>> {
    without_visibility(before).rchunks(2).map_while(|pair| match pair {
        [hash, TokenTree::Group(group)] if is_punct(hash, '#') => Some(group.stream().into_iter().collect()),
        _ => None,
    })
}

fn has_attribute(before: &[TokenTree], expected: &str) -> bool {
    attributes(before).any(|tokens| tokens.iter().map(ToString::to_string).collect::<String>() == expected)
}

/// The file that an attribute of a module names.
fn path_attribute(before: &[TokenTree]) -> Option<String> {
    attributes(before).find_map(|tokens| match tokens.as_slice() {
        [TokenTree::Ident(key), _, TokenTree::Literal(path)] if key == "path" => {
            Some(path.to_string().trim_matches('"').to_owned())
        }
        _ => None,
    })
}

fn ends_with_colons(before: &[TokenTree]) -> bool {
    matches!(before, [.., first, second] if is_punct(first, ':') && is_punct(second, ':'))
}

fn is_punct(token: &TokenTree, expected: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<(String, Option<String>)> {
        let source = Source::parse(text).unwrap();
        source.imports.into_iter().map(|import| (import.path.join("::"), import.name)).collect()
    }

    fn paths(text: &str) -> Vec<String> {
        Source::parse(text).unwrap().paths.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn a_tree_of_imports_has_a_path_for_each_leaf() {
        let imports = imports("use crate::{a::{self, B as C}, d::*};");

        let named = |path: &str, name: &str| (path.to_owned(), Some(name.to_owned()));
        assert_eq!(
            imports,
            [named("crate::a", "a"), named("crate::a::B", "C"), ("crate::d".to_owned(), None)]
        );
    }

    #[test]
    fn a_path_in_code_or_in_the_arguments_of_a_macro_is_used() {
        let paths = paths("fn f() -> super::A { g(&x.y, crate::b::C::<D>::new(), format!(\"{}\", e::F)) }");

        assert_eq!(paths, ["super::A", "crate::b::C", "e::F"]);
    }

    #[test]
    fn comments_and_strings_use_nothing() {
        let paths = paths("/// See [`crate::a::B`].\nconst C: &str = \"crate::d::E\"; // crate::f::G");

        assert_eq!(paths, Vec::<String>::new());
    }

    #[test]
    fn items_at_the_top_level_have_names() {
        let text = "pub const fn a() { fn inner() {} } macro_rules! b { () => {} } struct C;";

        let items = Source::parse(text).unwrap().items;

        let has = |name: &str| items.iter().any(|item| item == name);
        assert!(has("a") && has("b") && has("C") && !has("inner"), "{items:?}");
    }

    #[test]
    fn an_inline_module_belongs_to_its_file() {
        let text = "mod sealed { use super::*; use super::super::a::B; fn f() { super::g::h() } }";

        let all = ("self".to_owned(), None);
        assert_eq!(imports(text), [all, ("super::a::B".to_owned(), Some("B".to_owned()))]);
        assert_eq!(paths(text), ["self::g::h"]);
    }

    #[test]
    fn unit_tests_use_nothing() {
        let text = "#[cfg(test)] #[expect(lint)] mod tests { use super::*; fn f() { crate::a::b() } }";

        assert_eq!(imports(text), []);
        assert_eq!(paths(text), Vec::<String>::new());
    }

    #[test]
    fn a_module_may_name_its_file() {
        let source = Source::parse("#[path = \"other.rs\"] #[cfg(test)] pub(super) mod a; mod b;").unwrap();

        let [a, b] = source.declarations.as_slice() else { panic!("two modules are declared") };
        assert_eq!((a.name.as_str(), a.path.as_deref()), ("a", Some("other.rs")));
        assert_eq!((b.name.as_str(), b.path.as_deref()), ("b", None));
    }

    #[test]
    fn the_capture_of_a_lifetime_is_no_import() {
        assert_eq!(imports("fn f() -> impl Iterator + use<'_> { a::b() }"), []);
    }
}
