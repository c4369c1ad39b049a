//! N-API: options in, verdicts out. The only module that knows JavaScript, and all that it knows is numbers,
//! strings and one promise; what Express sees is made in `lib/`.

mod text;
mod verifier;

pub use verifier::{Failure, NativeVerifier, REFUSED, VERIFIED, WAIT, compile};
