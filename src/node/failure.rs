//! An error as a value that crosses into JavaScript, where `AuthError` is made of it.

use napi_derive::napi;

use crate::error::Error;

/// An error as a value; JavaScript makes an `AuthError` of it.
#[napi(object)]
pub struct Failure {
    /// Stable code, `ERR_…`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The claim that was rejected.
    pub claim: Option<String>,
    /// Which case of `code`, where it has several.
    pub reason: Option<String>,
    /// Seconds after which the same token may be verified.
    pub retry_after: Option<u32>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            hint: error.hint(),
            claim: error.claim().map(str::to_owned),
            reason: error.reason().map(str::to_owned),
            retry_after: error.retry_after(),
        }
    }
}
