//! See `tests/targets/no_proxy.rs`.

#![no_main]

use entra_jwt_verify_fuzz::targets::no_proxy::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| run(input));
