//! What the targets share with the tests: the bodies stand in `tests/targets`, which says what each is about.

#[path = "../../tests/cache_support/mod.rs"]
mod cache_support;
#[path = "../../benches/case/mod.rs"]
mod case;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/targets/mod.rs"]
pub mod targets;
