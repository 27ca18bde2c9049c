//! The table of defects names tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use fancy_regex::Regex;

/// One row of the table: what goes wrong, and what notices it.
struct Row {
    defect: String,
    notice: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn rows() -> Vec<Row> {
    let document = fs::read_to_string(root().join("docs/defects.md")).unwrap();
    let lines = document.lines().filter(|line| line.starts_with('|'));
    let contents = lines.filter(|line| !line.starts_with("|---") && !line.starts_with("| what goes wrong"));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [defect, notice] = cells[..] else { panic!("not a row of two cells: {line}") };
        Row { defect: defect.to_owned(), notice: notice.to_owned() }
    };
    contents.map(row).collect()
}

/// The tests that a row links to: the name of the function, and the file.
fn tests(row: &Row) -> Vec<(String, String)> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[`(\w+)`\]\(\.\./([^)]+)\)").unwrap());
    let links = LINK.captures_iter(row.notice.as_str()).map(Result::unwrap);
    links.map(|link| (link[1].to_owned(), link[2].to_owned())).collect()
}

/// Whether a file has a test function of this name.
fn has_test(file: &str, name: &str) -> bool {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let is_attribute = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    before.lines().rev().take(3).any(|line| is_attribute(line.trim_start()))
}

#[test]
fn every_test_that_the_table_of_defects_names_is_there() {
    let named: BTreeSet<_> = rows().iter().flat_map(tests).collect();

    let missing: Vec<_> = named.iter().filter(|(name, file)| !has_test(file, name)).collect();

    assert!(named.len() > 200, "{}", named.len());
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_defect_has_a_test_or_a_reason() {
    let rows = rows();
    let is_open = |row: &&Row| tests(row).is_empty() && !row.notice.starts_with("does not apply: ");

    let open: Vec<_> = rows.iter().filter(is_open).map(|row| &row.defect).collect();

    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn every_defect_is_told_once() {
    let rows = rows();
    let mut told = BTreeSet::new();

    let again: Vec<_> = rows.iter().map(|row| &row.defect).filter(|defect| !told.insert(*defect)).collect();

    assert!(again.is_empty(), "{again:#?}");
}
