//! Panics on request, to show what one costs (feature `test-panic`). Not in the addon that is published: a test looks for
//! [`WORD`] in it.

/// What asks for a panic: in a token, a key's name, a URL.
const WORD: &str = "panic-on-purpose";

/// Panics if the text asks for it.
pub(crate) fn if_asked(text: &[u8]) {
    let is_asked = memchr::memmem::find(text, WORD.as_bytes()).is_some();
    assert!(!is_asked, "{WORD}");
}
