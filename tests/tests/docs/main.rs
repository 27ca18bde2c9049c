//! The documents of the project say what is true.

#[cfg(test)]
mod defects;
