//! The parts of timelines as text, without colours, widths or absolute times.

mod display;
mod duration;
mod error;
mod mark;
mod operation;

pub use duration::duration;
pub use error::{because, ending, first_line};
pub use mark::Mark;
pub use operation::{attempt, indent, notes, progress, title};
