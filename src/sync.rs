//! The atomics of what threads share: those of the standard library, or loom's, which tries every order in which threads can run
//! (`tests/races.rs`, `npm run test:races`).

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
