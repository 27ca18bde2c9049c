//! The transport against recorded answers, and a whole function against a small Lambda on this machine.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod fake_lambda;
#[cfg(test)]
mod function;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod shapes;
