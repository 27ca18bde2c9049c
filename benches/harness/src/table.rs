//! The table that is printed row by row.

/// A Markdown table with a column for each of those who are compared.
pub struct Table;

impl Table {
    /// Prints the head.
    pub fn begin(columns: &[&str]) -> Self {
        print_row("median (min..max)", columns.iter().map(|name| (*name).to_owned()));
        println!("|---|{}", "---|".repeat(columns.len()));
        Self
    }

    /// Prints a row from the values of each column, of which there are none if it was not measured.
    pub fn row(&self, what: &str, values: &[Vec<f64>]) {
        print_row(what, values.iter().map(|values| cell(values)));
    }
}

fn print_row(what: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.map(|cell| format!("{cell:<24}")).collect();
    println!("| {what:<48} | {} |", cells.join(" | "));
}

fn cell(values: &[f64]) -> String {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (values.first(), values.last()) else { return "-".to_owned() };
    format!("{} ({}..{})", figure(median(&values)), figure(*least), figure(*most))
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// Three significant digits.
fn figure(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
