//! Microsoft's own rules (`../shared/data/microsoft-cases.md`) and those of ARCHITECTURE.md, "What is verified", as
//! tables: a row is a line, changes what its columns name about a token that passes, and ends with the verdict.
//!
//! The keys are our own; the recorded key sets are used where no private key is needed. Where a row is stricter than
//! Microsoft's libraries, it says so.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod app_only;
mod audience;
mod authority;
mod bound_tokens;
mod callers;
mod clouds;
mod discovered;
mod foreign_claims;
mod issuer;
mod key_issuer;
mod key_location;
mod lifetime;
mod named_issuer;
mod table;
mod tenant_claim;
mod tenants;
