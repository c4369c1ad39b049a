//! The bodies of the fuzz targets (`fuzz/`), which `tests/properties/targets.rs` also runs on random changes of examples. Each takes
//! any bytes, and panics where something does not hold that always has to.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a fuzz target uses one of them, and fails as loudly as a test"
)]

pub mod cache;
pub mod claims;
pub mod compact;
pub mod header;
pub mod json;
pub mod key_set;
pub mod metadata;
pub mod no_proxy;
pub mod token;

#[cfg(all(feature = "fuzz", feature = "fetch"))]
pub mod answers;
#[cfg(all(feature = "fuzz", feature = "fetch"))]
pub mod certificate;
#[cfg(all(feature = "fuzz", feature = "node"))]
pub mod options;

/// A target.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// What is near enough to something valid to get past the first checks.
    pub examples: fn() -> Vec<Vec<u8>>,
}

macro_rules! target {
    ($name:ident) => {
        Target {
            name: stringify!($name),
            run: $name::run,
            examples: $name::examples,
        }
    };
}

pub const TARGETS: &[Target] = &[
    #[cfg(all(feature = "fuzz", feature = "fetch"))]
    target!(answers),
    target!(cache),
    #[cfg(all(feature = "fuzz", feature = "fetch"))]
    target!(certificate),
    target!(claims),
    target!(compact),
    target!(header),
    target!(json),
    target!(key_set),
    target!(metadata),
    target!(no_proxy),
    #[cfg(all(feature = "fuzz", feature = "node"))]
    target!(options),
    target!(token),
];

fn texts(examples: &[&str]) -> Vec<Vec<u8>> {
    examples.iter().map(|text| text.as_bytes().to_vec()).collect()
}
