//! The colours and the width of standard output.

use std::env;
use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;

/// The width of an output that is not a terminal.
const PLAIN_WIDTH: usize = 80;
/// The maximum width. Longer lines are hard to read.
const MOST_WIDTH: usize = 160;

/// The meaning of a piece of text, which determines its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    Plain,
    Good,
    Bad,
    Waiting,
    Faint,
    Strong,
}

/// How text is formatted on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) coloured: bool,
    pub(crate) width: usize,
}

impl Style {
    /// Returns the style for standard output.
    pub(crate) fn for_stdout() -> Self {
        if !io::stdout().is_terminal() {
            return Self { coloured: false, width: PLAIN_WIDTH };
        }
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { coloured: !no_color && !is_dumb, width: terminal_width().clamp(40, MOST_WIDTH) }
    }

    /// Colours the text, if colours are enabled.
    pub(crate) fn paint(self, tint: Tint, text: &str) -> String {
        let code = match tint {
            Tint::Plain => return text.to_owned(),
            Tint::Good => "32",
            Tint::Bad => "31",
            Tint::Waiting => "33",
            Tint::Faint => "2",
            Tint::Strong => "1",
        };
        if self.coloured && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn terminal_width() -> usize {
    let width = tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col));
    if width == 0 { PLAIN_WIDTH } else { width }
}
