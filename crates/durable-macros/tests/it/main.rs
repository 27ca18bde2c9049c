//! The macros as their users meet them: what compiles, and what is said about what does not.

#[cfg(test)]
mod compile;
