//! What the integration tests share: real keys that sign raw text, and one call from token to verdict.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "every test file is a crate of its own and uses a part of this"
)]

mod certificate;
mod entra_case;
mod judge;
mod object;
mod options;
mod shared;
mod signer;
mod vectors;

pub use certificate::{Certificate, thumbprint};
pub use entra_case::judge_case;
pub use judge::{CLIENT, Judge, NOW, TENANT, judge, time};
pub use object::{Object, header, v1, v2};
pub use options::policy;
pub use shared::{read, say, shared};
pub use signer::{OTHER_RSA, P256, P384, P521, RSA, Signer, base64url, sign};
pub use vectors::{Case, vectors};
