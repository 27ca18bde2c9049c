//! What the command shows on standard error.

mod console;
mod entry;
mod function_line;
mod line;
mod live_timeline;
mod screen;
mod terminal;

pub(crate) use console::{Console, VisibleStderr, print_line};
pub(crate) use function_line::readable;
pub(crate) use live_timeline::LiveTimeline;
pub(crate) use screen::Screen;
