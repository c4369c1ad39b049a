//! The core of the npm package `entra-jwt-verify`: judges Microsoft Entra ID access tokens and keeps the keys
//! that they are signed with.
//!
//! `token` is what a token is, `policy` what is acceptable, `keys` who signed; [`verify()`] joins them, and `explain`
//! says in full what there is to say. Nothing but `node` (feature `node`) knows JavaScript, nothing but `keys::fetch`
//! (feature `fetch`) a socket or a clock.

#![deny(missing_docs, unsafe_code)]

mod algorithm;
mod error;
mod hint;
mod options;
mod pipeline;
mod rules;
mod secure_url;
mod time;
mod token_cache;

pub mod explain;
pub mod keys;
pub mod policy;
pub mod token;

#[cfg(feature = "node")]
pub mod node;

pub use algorithm::{Algorithm, AlgorithmSet};
pub use error::{
    AlgorithmProblem, AudienceProblem, ClaimProblem, Error, IssuerProblem, KeyUnknown, PolicyProblem, TenantProblem,
    UseProblem, VerifyError,
};
pub use options::Options;
pub use pipeline::{VerifiedClaims, verify};
pub use rules::Keys;
pub use time::{ClockTolerance, NumericDate, UnixTime};
pub use token_cache::{TokenCache, TokenId};
