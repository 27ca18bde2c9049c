//! What the command shows on standard error.

mod console;
mod function_line;
mod line;
mod screen;
mod terminal;
mod transcript;

pub(crate) use console::{Console, VisibleStderr, print_line};
pub(crate) use function_line::readable;
pub(crate) use line::Mark;
pub(crate) use screen::Screen;
pub(crate) use transcript::{Transcript, because, context_kind, label};
