//! Sets up linking of the addon; the core alone needs nothing.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
