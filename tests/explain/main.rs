//! Explanations: every check is there with its outcome, the usual mistakes are recognised, and nothing is told that is
//! not judged. That the explanation agrees with the verdict is asserted for every token of every test, in
//! `common/judge.rs`.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod audience;
mod authority;
mod checks;
mod keys;
mod kinds;
mod said;
