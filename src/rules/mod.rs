//! The rules that a token has to satisfy, one file each: pure functions from a token's parts, a policy and an instant
//! to the first problem found.
//!
//! `pipeline.rs` calls them in their order and stops at the first error; `explain` calls all of them.

mod audience;
mod bound_token;
mod callers;
mod claim_types;
mod form;
mod header;
mod issuer;
mod key;
mod lifetime;
mod signature;
mod tenant;
mod token_use;

pub(crate) use audience::check_audience;
pub(crate) use bound_token::check_bound_token;
pub(crate) use callers::{check_client, check_roles, check_scopes, client, is_app_only, scopes};
pub(crate) use claim_types::{check_entra_types, check_registered_types, read_claims};
pub(crate) use form::check_form;
pub(crate) use header::{check_algorithm, check_nonce, check_typ, read_header};
pub(crate) use issuer::{check_issuer, check_key_issuer, discovered_issuer, version};
pub use key::Keys;
pub(crate) use key::{check_key_is_current, find_key};
pub(crate) use lifetime::{check_expiry, check_not_before, is_early, is_expired};
pub(crate) use signature::check_signature;
pub(crate) use tenant::check_tenant;
pub(crate) use token_use::check_token_use;
