//! Files of test vectors, case by case.

use serde_json::Value;

use super::shared::{read, shared};

/// The cases of a file of vectors.
pub fn vectors(file: &str) -> Vec<Case> {
    let document = read(&shared().join("vectors").join(file));
    let cases = document["cases"].as_array().expect("cases").clone();
    cases.into_iter().map(Case).collect()
}

/// One case of a file of vectors.
pub struct Case(pub Value);

impl Case {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("id")
    }

    /// Whether whoever made the vector expects the token to pass. `strict_recommendation` wins over `expect`.
    pub fn accepts(&self) -> bool {
        let expect = match &self.0["strict_recommendation"] {
            Value::Null => &self.0["expect"],
            strict => strict,
        };
        match expect.as_str() {
            Some("accept") => true,
            Some("reject" | "reject-optional") => false,
            _ => panic!("{}: {expect}", self.id()),
        }
    }

    pub fn has_flag(&self, flag: &str) -> bool {
        self.0["flags"].as_array().expect("flags").iter().any(|it| it == flag)
    }

    /// `None` for a case whose token is no string at all.
    pub fn token(&self) -> Option<String> {
        let segments = self.0["token_segments"].as_array()?;
        let segments: Vec<&str> = segments.iter().map(|it| it.as_str().expect("segment")).collect();
        Some(segments.join("."))
    }
}
