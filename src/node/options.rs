//! Options as they come from JavaScript: JSON, read by name, each mistake an error that names the option,
//! what was given and what is accepted.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, quoted};
use crate::policy::SEVERAL_TENANTS;
use crate::spelling;
use crate::verifier::Verifier;

/// The options of one verifier.
#[derive(Clone, Debug)]
pub(super) struct Options(Map<String, Value>);

/// Every option there is. The last six are read in JavaScript and stand here so that there is one list.
const NAMES: [&str; 28] = [
    "authorities",
    "tenantId",
    "clientId",
    "audience",
    "authorityHost",
    "authority",
    "issuer",
    "allowedTenants",
    "allowedClients",
    "requiredRoles",
    "requiredScopes",
    "algorithms",
    "clockTolerance",
    "maxTokenLength",
    "boundTokens",
    "jwks",
    "jwksUri",
    "initialKeys",
    "keys",
    "ca",
    "proxy",
    "tokenCache",
    "clientCertificateHeader",
    "getToken",
    "optional",
    "logger",
    "responses",
    "resourceMetadata",
];

/// The options that differ from authority to authority.
const OF_AUTHORITY: [&str; 16] = [
    "tenantId",
    "clientId",
    "audience",
    "authorityHost",
    "authority",
    "issuer",
    "allowedTenants",
    "allowedClients",
    "requiredRoles",
    "requiredScopes",
    "algorithms",
    "jwks",
    "jwksUri",
    "initialKeys",
    "keys",
    "ca",
];

/// What other verifiers and the token call an option, as `plain` writes names. Their guides are in docs/migrating.
const OTHER_NAMES: [(&str, &str); 13] = [
    ("aud", "audience"),
    ("iss", "issuer"),
    ("tid", "tenantId"),
    ("appid", "clientId"),
    ("azp", "allowedClients"),
    ("clockskew", "clockTolerance"),
    ("graceseconds", "clockTolerance"),
    ("leeway", "clockTolerance"),
    ("instance", "authorityHost"),
    ("issuerbaseurl", "authority"),
    ("identitymetadata", "authority"),
    ("credentialsrequired", "optional"),
    ("authrequired", "optional"),
];

/// Options of passport-azure-ad that have no counterpart here, as `plain` writes names: its guide says what to do in their place.
const OF_PASSPORT: [&str; 7] = [
    "validateissuer",
    "passreqtocallback",
    "isb2c",
    "policyname",
    "allowmultiaudiencesintoken",
    "logginglevel",
    "loggingnopii",
];

/// Lists that a single string does not stand for where it seems to have several entries.
const LISTS: [&str; 4] = ["allowedTenants", "allowedClients", "requiredRoles", "requiredScopes"];

impl Options {
    /// Reads a JSON object. `null` means that an option is not given.
    ///
    /// # Errors
    ///
    /// Not an object, or an unknown option.
    pub(super) fn parse(json: &str) -> Result<Self, Error> {
        let Ok(Value::Object(members)) = serde_json::from_str(json) else {
            return Err(Error::config("options", "expected an object"));
        };
        Self::known(members, &NAMES, "options")
    }

    fn known(members: Map<String, Value>, names: &[&str], parent: &'static str) -> Result<Self, Error> {
        if let Some(unknown) = members.keys().find(|name| !names.contains(&name.as_str())) {
            let more = match meant(unknown, names) {
                _ if OF_PASSPORT.contains(&plain(unknown).as_str()) => {
                    " here, but one of passport-azure-ad; see docs/migrating/from-passport-azure-ad.md".to_owned()
                }
                Some(name) => format!("; did you mean {name}?"),
                None => format!(" (options: {})", names.join(", ")),
            };
            return Err(Error::config(
                parent,
                format!("{} is not an option{more}", quoted(unknown)),
            ));
        }
        Ok(Self(
            members.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        ))
    }

    /// The options of each of `authorities`, completed with the common options.
    ///
    /// # Errors
    ///
    /// Something else was given, or a common option that must be inside an authority.
    pub(super) fn authorities(&self) -> Result<Option<Vec<Self>>, Error> {
        const EXPECTED: &str = "an array of 1 to 8 objects, each with the options of one authority";
        let Some(value) = self.value("authorities") else {
            return Ok(None);
        };
        let list = value
            .as_array()
            .filter(|list| (1..=Verifier::MAX_AUTHORITIES).contains(&list.len()));
        let list = list.ok_or_else(|| refused("authorities", value, EXPECTED))?;
        self.refuse_keys_of_all()?;
        let mut common = self.0.clone();
        common.remove("authorities");
        let of = |(at, one): (usize, &Value)| {
            let Value::Object(members) = one else {
                return Err(refused("authorities", one, EXPECTED));
            };
            let own =
                Self::known(members.clone(), &OF_AUTHORITY, "authorities").map_err(|error| in_authority(error, at))?;
            let mut all = common.clone();
            all.extend(own.0);
            Ok(Self(all))
        };
        list.iter().enumerate().map(of).collect::<Result<_, _>>().map(Some)
    }

    /// Rejects common keys: they would be trusted for every authority, and each authority could sign tokens of the others.
    fn refuse_keys_of_all(&self) -> Result<(), Error> {
        let problem =
            "with authorities, expected this option inside one of them: the keys would be trusted for all of them";
        if self.value("jwks").is_some() {
            return Err(Error::config("jwks", problem));
        }
        if self.value("jwksUri").is_some() && !self.is_false("jwksUri") {
            return Err(Error::config("jwksUri", problem));
        }
        if self
            .value("initialKeys")
            .is_some_and(|value| value.get("authorities").is_none())
        {
            return Err(Error::config("initialKeys", problem));
        }
        Ok(())
    }

    /// Leaves `initialKeys` out, if they are those of several authorities.
    pub(super) fn drop_named_keys(&mut self) {
        if self
            .value("initialKeys")
            .is_some_and(|keys| keys.get("authorities").is_some())
        {
            self.0.remove("initialKeys");
        }
    }

    /// An option that is any JSON.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether an option is turned off.
    pub(super) fn is_false(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value == false)
    }

    /// An option that is a non-empty string.
    ///
    /// # Errors
    ///
    /// Something else was given.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(several @ Value::Array(ids)) if name == "tenantId" && ids.len() > 1 => {
                Err(refused(name, several, "one tenant").with_advice(SEVERAL_TENANTS))
            }
            Some(other) => Err(refused(name, other, "a non-empty string")),
        }
    }

    /// An option that is a string or an array of strings, none of them empty.
    ///
    /// # Errors
    ///
    /// Something else was given, or an empty array.
    pub(super) fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Error> {
        const EXPECTED: &str = "a non-empty string or a non-empty array of them";
        let Some(value) = self.value(name) else { return Ok(None) };
        let texts = match value {
            Value::String(text)
                if LISTS.contains(&name) && text.contains(|it: char| it == ',' || it.is_whitespace()) =>
            {
                return Err(refused(
                    name,
                    value,
                    "an array, with one entry per string: pass an array",
                ));
            }
            Value::String(text) => vec![text.as_str()],
            Value::Array(elements) => {
                let texts = elements.iter().enumerate().map(|(at, element)| match element {
                    Value::String(text) if !text.is_empty() => Ok(text.as_str()),
                    other => Err(Error::config(
                        name,
                        format!("expected {EXPECTED}, got {} at index {at}", kind(other)),
                    )),
                });
                texts.collect::<Result<Vec<_>, _>>()?
            }
            _ => return Err(refused(name, value, EXPECTED)),
        };
        if texts.is_empty() || texts.contains(&"") {
            return Err(refused(name, value, EXPECTED));
        }
        Ok(Some(texts))
    }

    /// An option that is a number between two bounds, both of them accepted.
    ///
    /// # Errors
    ///
    /// Something else was given.
    pub(super) fn number(&self, name: &'static str, least: f64, most: f64, unit: &str) -> Result<Option<f64>, Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) if number.as_f64().is_some_and(|n| (least..=most).contains(&n)) => {
                Ok(number.as_f64())
            }
            Some(other) => Err(refused(
                name,
                other,
                &format!("a number of {unit} from {least} to {most}"),
            )),
        }
    }

    /// An option that is a time in seconds, between two bounds.
    ///
    /// # Errors
    ///
    /// Something else was given.
    pub(super) fn duration(&self, name: &'static str, least: f64, most: f64) -> Result<Option<Duration>, Error> {
        let given = self.value(name).and_then(Value::as_f64);
        let seconds = self
            .number(name, least, most, "seconds")
            .map_err(|error| in_milliseconds(error, given, least, most))?;
        // The bounds are checked: not negative, and far below what a duration can hold.
        seconds
            .map(|seconds| Duration::try_from_secs_f64(seconds).map_err(|_| Error::Internal))
            .transpose()
    }

    /// An option that is a count, between two bounds.
    ///
    /// # Errors
    ///
    /// Something else was given.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "the bounds are checked, and small"
    )]
    pub(super) fn count(
        &self,
        name: &'static str,
        least: usize,
        most: usize,
        unit: &str,
    ) -> Result<Option<usize>, Error> {
        let number = self.number(name, least as f64, most as f64, unit)?;
        Ok(number.map(|number| number as usize))
    }

    /// The options inside an option.
    ///
    /// # Errors
    ///
    /// Not an object, or an unknown option.
    pub(super) fn nested(&self, name: &'static str, names: &[&str]) -> Result<Self, Error> {
        match self.value(name) {
            None => Ok(Self(Map::new())),
            Some(Value::Object(members)) => Self::known(members.clone(), names, name),
            Some(other) => Err(refused(name, other, "an object")),
        }
    }
}

/// The same error about a number of seconds, with the question whether milliseconds were given.
fn in_milliseconds(error: Error, given: Option<f64>, least: f64, most: f64) -> Error {
    let seconds = given
        .map(|given| given / 1000.0)
        .filter(|seconds| *seconds >= 1.0 && (least..=most).contains(seconds));
    match (error, seconds) {
        (
            Error::Config {
                option,
                problem,
                advice,
            },
            Some(seconds),
        ) => Error::Config {
            option,
            problem: format!("{problem}; it is in seconds: did you mean {seconds}?"),
            advice,
        },
        (error, _) => error,
    }
}

/// The same error, with the authority whose option it is about.
pub(super) fn in_authority(error: Error, at: usize) -> Error {
    match error {
        Error::Config {
            option,
            problem,
            advice,
        } => Error::Config {
            option,
            problem: format!("{problem} (in authorities[{at}])"),
            advice,
        },
        other => other,
    }
}

/// An error that says what was expected and what was given, unless the value may hold a secret.
pub(super) fn refused(option: &'static str, given: &Value, expected: &str) -> Error {
    let got = match given {
        // A private key by mistake, a password in a URL: never repeated.
        _ if matches!(option, "jwks" | "jwksUri" | "initialKeys" | "proxy" | "ca") => "another value".to_owned(),
        Value::Array(elements) if elements.is_empty() => "an empty array".to_owned(),
        Value::Array(elements) => format!("an array of length {}", elements.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(text) => quoted(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => given.to_string(),
    };
    Error::config(option, format!("expected {expected}, got {got}"))
}

/// What an entry of a list is, if it is not a text. The value is not repeated.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "an empty string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A name without the marks and the case of its notation.
fn plain(name: &str) -> String {
    name.replace(['-', '_'], "").to_ascii_lowercase()
}

/// The name that was probably meant: in another notation, as others call it, misspelt in a letter or two, or as the one whose part it
/// is.
fn meant<'a>(given: &str, names: &[&'a str]) -> Option<&'a str> {
    const SHORTEST_PART: usize = 4;
    let given = plain(given);
    if let Some((_, ours)) = OTHER_NAMES.iter().find(|(theirs, _)| *theirs == given) {
        return names.iter().find(|name| *name == ours).copied();
    }
    let nearest = names
        .iter()
        .filter_map(|name| Some((spelling::slip(&given, &plain(name))?, *name)))
        .min_by_key(|(distance, _)| *distance);
    let one_that = |is_meant: &dyn Fn(&str) -> bool| {
        let mut those = names.iter().filter(|name| is_meant(&plain(name)));
        those.next().filter(|_| those.next().is_none()).copied()
    };
    match nearest {
        Some((_, name)) => Some(name),
        None if given.len() < SHORTEST_PART => None,
        None => one_that(&|name| name.starts_with(&given)).or_else(|| one_that(&|name| name.contains(&given))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(error: Error) -> (&'static str, String) {
        match error {
            Error::Config { option, problem, .. } => (option, problem),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn null_is_not_given() {
        let options = Options::parse(r#"{"tenantId":null}"#).unwrap();
        assert_eq!(options.text("tenantId"), Ok(None));
    }

    #[test]
    fn names_an_option_that_does_not_exist() {
        let (option, text) = problem(Options::parse(r#"{"tenentId":"a"}"#).unwrap_err());
        assert_eq!(option, "options");
        assert!(text.contains("tenentId") && text.contains("tenantId"), "{text}");
        let options = Options::parse(r#"{"keys":{"tiemout":1}}"#).unwrap();
        assert_eq!(problem(options.nested("keys", &["timeout"]).unwrap_err()).0, "keys");
    }

    #[test]
    fn other_names_are_of_options() {
        for (theirs, ours) in OTHER_NAMES {
            assert_eq!(meant(theirs, &NAMES), Some(ours), "{theirs}");
            assert_eq!(meant(theirs, &["timeout"]), None, "{theirs}");
        }
    }

    #[test]
    fn names_the_option_that_was_probably_meant() {
        for (given, expected) in [
            ("clientID", Some("clientId")),
            ("client_id", Some("clientId")),
            ("Audience", Some("audience")),
            ("tenentId", Some("tenantId")),
            ("audiences", Some("audience")),
            ("requierdScope", Some("requiredScopes")),
            ("tenant", Some("tenantId")),
            ("client", Some("clientId")),
            ("scopes", Some("requiredScopes")),
            ("roles", Some("requiredRoles")),
            // As others call it: `clockSkew` of passport-azure-ad, a claim, a variable of express-oauth2-jwt-bearer.
            ("clockSkew", Some("clockTolerance")),
            ("aud", Some("audience")),
            ("ISSUER_BASE_URL", Some("authority")),
            // The most letters that a slip has, and one more.
            ("tenaenntId", Some("tenantId")),
            ("tenaennntId", None),
            // Two names begin like this.
            ("allowed", None),
            ("required", None),
            ("cat", Some("ca")),
            // A part of too many names, or too short for one.
            ("id", None),
            ("uri", None),
            ("secret", None),
            ("", None),
            (&"tenantId".repeat(6), None),
        ] {
            assert_eq!(meant(given, &NAMES), expected, "{given}");
        }
        let (_, text) = problem(Options::parse(r#"{"audiance":"a"}"#).unwrap_err());
        assert_eq!(text, "\"audiance\" is not an option; did you mean audience?");
        let (_, text) = problem(Options::parse(r#"{"zone":"a"}"#).unwrap_err());
        assert!(text.starts_with("\"zone\" is not an option (options: "), "{text}");
    }

    #[test]
    fn says_what_was_expected_and_what_was_given() {
        let options = Options::parse(r#"{"issuer":"","audience":["a",1],"clockTolerance":301,"keys":1}"#).unwrap();
        for (error, given) in [
            (options.text("issuer").unwrap_err(), "got an empty string"),
            (options.texts("audience").unwrap_err(), "got a number at index 1"),
            (
                options.number("clockTolerance", 0.0, 300.0, "seconds").unwrap_err(),
                "got 301",
            ),
            (options.nested("keys", &[]).unwrap_err(), "got 1"),
        ] {
            let (_, text) = problem(error);
            assert!(text.contains(given) && text.contains("expected"), "{text}");
        }
    }

    #[test]
    fn a_list_in_one_string_is_refused() {
        for name in LISTS {
            for text in ["A,B", "A B", "A, B", "A\n"] {
                let options = Options(Map::from_iter([(name.to_owned(), Value::from(text))]));
                let (option, problem) = problem(options.texts(name).unwrap_err());
                assert_eq!(option, name);
                assert!(problem.contains("pass an array"), "{problem}");
            }
            let options = Options(Map::from_iter([(name.to_owned(), Value::from("A"))]));
            assert_eq!(options.texts(name), Ok(Some(vec!["A"])));
        }
    }

    #[test]
    fn an_entry_that_is_no_text_is_named_by_its_place_and_kind() {
        for (entry, kind) in [
            (Value::Null, "null"),
            (Value::from(1), "a number"),
            (Value::from(""), "an empty string"),
            (Value::from(true), "a boolean"),
            (serde_json::json!({ "tenant_id": "a" }), "an object"),
        ] {
            let options = Options(Map::from_iter([(
                "allowedTenants".to_owned(),
                serde_json::json!(["a", entry]),
            )]));
            let (_, text) = problem(options.texts("allowedTenants").unwrap_err());
            assert!(text.ends_with(&format!("got {kind} at index 1")), "{text}");
        }
    }

    #[test]
    fn options_of_passport_azure_ad_lead_to_its_guide() {
        for name in [
            "validateIssuer",
            "passReqToCallback",
            "isB2C",
            "loggingLevel",
            "loggingNoPII",
            "policyName",
        ] {
            let (_, text) = problem(Options::parse(&format!(r#"{{"{name}":true}}"#)).unwrap_err());
            assert!(text.ends_with("see docs/migrating/from-passport-azure-ad.md"), "{text}");
        }
    }

    #[test]
    fn never_repeats_what_may_be_secret() {
        let options = Options::parse(r#"{"proxy":{"password":"hunter2"},"jwks":["hunter2"]}"#).unwrap();
        for error in [options.text("proxy").unwrap_err(), options.text("jwks").unwrap_err()] {
            assert!(!problem(error).1.contains("hunter2"));
        }
    }

    #[test]
    fn bounds_are_accepted() {
        let options = Options::parse(r#"{"clockTolerance":300}"#).unwrap();
        assert_eq!(options.number("clockTolerance", 0.0, 300.0, "seconds"), Ok(Some(300.0)));
        let options = Options::parse(r#"{"clockTolerance":-0.1}"#).unwrap();
        assert!(options.number("clockTolerance", 0.0, 300.0, "seconds").is_err());
    }
}
