//! Which entries of a JWK Set become keys (RFC 7517, RFC 7518, section 6), and what a set of keys knows over time.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod certificate;
mod elliptic_curve;
mod naming;
mod purpose;
mod rsa;
mod secret;
mod set;
mod set_over_time;
