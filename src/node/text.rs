//! Reads a string out of V8 into a buffer that is kept. The only `unsafe` of this crate.

#![allow(
    unsafe_code,
    reason = "napi 3 has no safe call that reads a string into a buffer of ours"
)]

use std::ptr;

use napi::bindgen_prelude::{JsValue, Unknown};
use napi::{Env, sys};

/// Room for a terminator, and for one character of four bytes: V8 does not write a part of a character, so a
/// string that does not fit may fill the buffer to three bytes before its end.
const SPARE: usize = 5;

/// Reads at most `limit` + 1 bytes of a string into `buffer`: a string that is longer than the limit comes back
/// as one that is longer than the limit. `None` if the value is not a string.
///
/// UTF-8, not Latin-1: Latin-1 maps U+0141 to `A`, and another string would pass for the token.
pub(super) fn read<'b>(env: Env, value: &Unknown<'_>, limit: usize, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    let capacity = limit + 1 + SPARE;
    buffer.clear();
    buffer.reserve(capacity);
    let mut length = 0;
    // SAFETY: `env` and `value` are those of the call that we are in. The buffer has room for `capacity` bytes,
    // which is passed on; V8 writes at most `capacity - 1` bytes and a terminator.
    let status = unsafe {
        sys::napi_get_value_string_utf8(
            env.raw(),
            value.raw(),
            buffer.as_mut_ptr().cast(),
            capacity,
            ptr::from_mut(&mut length),
        )
    };
    if status != sys::Status::napi_ok || length >= capacity {
        return None;
    }
    // SAFETY: V8 wrote `length` bytes, fewer than the capacity that was reserved.
    unsafe { buffer.set_len(length) };
    Some(buffer)
}
