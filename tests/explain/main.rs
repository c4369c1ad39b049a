//! Explanations: every check is there with its outcome, the usual mistakes are recognised, and nothing is told that is
//! not judged. That the explanation agrees with the verdict is asserted for every token of every test, in
//! `common/judge.rs`.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod audience;
mod authority;
mod catalogue;
mod checks;
mod damaged;
mod ids;
mod issuers;
mod keys;
mod kinds;
mod lifetime;
mod permissions;
mod said;
mod texts;
mod warnings;
