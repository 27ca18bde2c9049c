//! Tests of the fold.

mod fold;
mod history;
mod linear;
mod properties;
mod records;
mod texts;
mod trace;
