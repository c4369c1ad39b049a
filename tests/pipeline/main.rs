//! Every rule that a token has to keep, from both sides. A test that shows a refusal changes one thing about a token
//! that passes, so that it fails when the rule is gone.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

#[path = "../common/mod.rs"]
mod common;

mod audience;
mod callers;
mod claim_types;
mod cloud;
mod compact_form;
mod ecdsa;
mod header;
mod issuer_override;
mod json;
mod key_issuer;
mod key_reference;
mod order;
mod remembered;
mod several_tenants;
mod tenant;
mod time;
mod token_use;
