//! Readers of options, for fuzz targets and property tests (feature `fuzz`).

use super::config;
use super::options::Options;
use crate::error::Error;

/// Compiles options, JSON, as [`compile`](super::compile) does.
///
/// # Errors
///
/// The option that cannot be used.
pub fn compile(options: &str, no_proxy: Option<&str>) -> Result<(), Error> {
    config::verifier(&Options::parse(options)?, no_proxy).map(drop)
}
