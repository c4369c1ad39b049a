//! Accepted values of `aud`.

use std::borrow::Cow;

use uuid::Uuid;

use super::guid;

/// The accepted audiences; one match suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AcceptedAudiences(Vec<AudienceForm<'static>>);

impl AcceptedAudiences {
    /// Takes configured audiences: application ids, App ID URIs, or any text.
    pub(crate) fn new<'a>(audiences: impl IntoIterator<Item = &'a str>) -> Self {
        Self(
            audiences
                .into_iter()
                .map(|text| AudienceForm::parse(text, true).into_owned())
                .collect(),
        )
    }

    /// Each in its normalised form.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.iter().map(|audience| match audience {
            AudienceForm::Guid(id) => Cow::Owned(id.to_string()),
            AudienceForm::Uri(text) | AudienceForm::Text(text) => Cow::Borrowed(text.as_ref()),
        })
    }

    /// Whether this `aud` is accepted. `spn:` before an application id is only accepted in v1 tokens.
    pub(crate) fn accept(&self, audience: &str, is_v1: bool) -> bool {
        let audience = AudienceForm::parse(audience, is_v1);
        self.0.contains(&audience)
    }
}

/// A normalised audience.
#[derive(Clone, Debug, PartialEq, Eq)]
enum AudienceForm<'a> {
    /// An application id; compares without case.
    Guid(Uuid),
    /// An App ID URI, without its one trailing slash.
    Uri(Cow<'a, str>),
    /// Anything else; compares exactly.
    Text(Cow<'a, str>),
}

impl<'a> AudienceForm<'a> {
    fn parse(text: &'a str, is_v1: bool) -> Self {
        let id = if is_v1 {
            text.strip_prefix("spn:").unwrap_or(text)
        } else {
            text
        };
        if let Some(id) = guid::parse(id) {
            return Self::Guid(id);
        }
        if text.contains("://") {
            return Self::Uri(text.strip_suffix('/').unwrap_or(text).into());
        }
        Self::Text(text.into())
    }

    fn into_owned(self) -> AudienceForm<'static> {
        match self {
            Self::Guid(id) => AudienceForm::Guid(id),
            Self::Uri(uri) => AudienceForm::Uri(uri.into_owned().into()),
            Self::Text(text) => AudienceForm::Text(text.into_owned().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b7a671d8-a408-42ff-86e0-aaf447fd17c4";
    const UPPER: &str = "B7A671D8-A408-42FF-86E0-AAF447FD17C4";

    fn accept(expected: &str, found: &str) -> bool {
        AcceptedAudiences::new([expected]).accept(found, false)
    }

    #[test]
    fn application_ids_compare_without_case() {
        assert!(accept(ID, UPPER) && accept(UPPER, ID));
        assert!(!accept(ID, "b7a671d8-a408-42ff-86e0-aaf447fd17c5"));
        assert!(!accept(ID, "b7a671d8a40842ff86e0aaf447fd17c4"));
        assert!(!accept(ID, &format!("api://{ID}")));
    }

    #[test]
    fn one_trailing_slash_of_a_uri_is_ignored() {
        assert!(
            accept("https://api.example", "https://api.example/")
                && accept("https://api.example/", "https://api.example")
        );
        assert!(!accept("https://api.example", "https://api.example//"));
        assert!(!accept("https://api.example", "https://api.example/v1"));
        assert!(!accept("https://api.example", "https://API.example"));
        assert!(!accept(ID, &format!("{ID}/")) && !accept("text", "text/"));
    }

    #[test]
    fn spn_is_a_spelling_of_v1_tokens() {
        let audiences = AcceptedAudiences::new([ID]);
        let spn = format!("spn:{ID}");
        assert!(audiences.accept(&spn, true) && !audiences.accept(&spn, false));
        assert!(AcceptedAudiences::new([spn.as_str()]).accept(ID, false));
        assert!(!AcceptedAudiences::new(["text"]).accept("spn:text", true));
    }

    #[test]
    fn any_of_several_and_none_of_none() {
        let audiences = AcceptedAudiences::new(["a", "b"]);
        assert!(audiences.accept("b", false) && !audiences.accept("c", false) && !audiences.accept("", false));
        assert!(!AcceptedAudiences::new([]).accept("a", false));
    }
}
