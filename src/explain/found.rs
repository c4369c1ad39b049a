//! What a token has, in words: only what a rule checks, no personal claims.

use std::borrow::Cow;

use serde_json::Value;

use super::{date, describe};
use crate::keys::KeyLookup;
use crate::policy::{IssuerKind, Version};
use crate::rules;
use crate::time::{NumericDate, UnixTime};
use crate::token::{Claim, Claims, Header};

pub(super) fn form(token: &[u8]) -> String {
    let segments: Vec<_> = token.split(|&byte| byte == b'.').collect();
    let empty = match segments.iter().position(|segment| segment.is_empty()) {
        Some(at) if segments.len() == 3 => {
            let names = ["header", "payload", "signature"];
            names
                .get(at)
                .map_or_else(String::new, |name| format!(", the {name} empty"))
        }
        _ => String::new(),
    };
    let counted = |number: usize, what| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let (segments, bytes) = (counted(segments.len(), "segment"), counted(token.len(), "byte"));
    format!("{segments}{empty}, {bytes}")
}

/// A member of a header that was read, so that it is known to be a JSON object without duplicates.
pub(super) fn header_member(header: &str, name: &str) -> String {
    match serde_json::from_str::<Value>(header).ok().as_ref().map(|it| &it[name]) {
        None | Some(Value::Null) => format!("no {name}"),
        Some(Value::String(value)) => describe::text(value),
        Some(_) => ill_typed(name),
    }
}

/// The key's name, and the cloud of the key that has it.
pub(super) fn key(header: &Header<'_>, answer: Option<KeyLookup>) -> String {
    let Some(reference) = &header.key else {
        return "neither kid nor x5t".to_owned();
    };
    let name = describe::text(reference.text());
    match answer {
        Some(KeyLookup::Found(key)) => match key.cloud_instance_name() {
            Some(cloud) => format!("{name}, of the cloud {}", describe::text(cloud)),
            None => name,
        },
        Some(KeyLookup::Pending | KeyLookup::Rejected(_)) | None => name,
    }
}

/// Whichever claim names a client.
pub(super) fn named_client(claims: &Claims<'_>) -> String {
    match (&claims.azp, &claims.appid) {
        (Claim::Absent, Claim::Absent) => "neither azp nor appid".to_owned(),
        (Claim::Absent, appid) => labelled("appid", appid),
        (azp, _) => labelled("azp", azp),
    }
}

/// The client, and the claim that it is in.
pub(super) fn client(claims: &Claims<'_>, kind: IssuerKind) -> String {
    let Some(id) = rules::client(claims, kind) else {
        return match (kind, rules::version(claims)) {
            (IssuerKind::Entra, Some(Version::V1)) => missing("appid", &claims.appid),
            (IssuerKind::Entra, _) => missing("azp", &claims.azp),
            (IssuerKind::Foreign, _) => "none of azp, appid and client_id".to_owned(),
        };
    };
    let of = |claim: &Claim<Cow<'_, str>>| claim.present().is_some_and(|text| std::ptr::eq(text.as_ref(), id));
    let name = if of(&claims.azp) {
        "azp"
    } else if of(&claims.appid) {
        "appid"
    } else {
        "client_id"
    };
    format!("{name} {}", describe::text(id))
}

/// The scopes, and the claim that they are in.
pub(super) fn scopes(claims: &Claims<'_>, kind: IssuerKind) -> String {
    match (rules::scopes(claims, kind), &claims.scp, kind) {
        ("", Claim::Absent, IssuerKind::Foreign) => "neither scp nor scope".to_owned(),
        ("", ..) => string("scp", &claims.scp),
        (scopes, ..) => describe::text(scopes),
    }
}

pub(super) fn labelled<T: AsRef<str>>(name: &str, claim: &Claim<T>) -> String {
    match claim {
        Claim::Present(value) => format!("{name} {}", describe::text(value.as_ref())),
        Claim::Absent | Claim::IllTyped => missing(name, claim),
    }
}

pub(super) fn string<T: AsRef<str>>(name: &str, claim: &Claim<T>) -> String {
    match claim {
        Claim::Present(value) => describe::text(value.as_ref()),
        Claim::Absent | Claim::IllTyped => missing(name, claim),
    }
}

pub(super) fn strings<T: AsRef<str>>(name: &str, claim: &Claim<Vec<T>>) -> String {
    match claim {
        Claim::Present(values) if values.is_empty() => format!("{name} is empty"),
        Claim::Present(values) => describe::list(values),
        Claim::Absent | Claim::IllTyped => missing(name, claim),
    }
}

pub(super) fn instant(name: &str, claim: &Claim<NumericDate>, now: UnixTime) -> String {
    match claim {
        Claim::Present(instant) => date::instant(*instant, now),
        Claim::Absent | Claim::IllTyped => missing(name, claim),
    }
}

fn missing<T>(name: &str, claim: &Claim<T>) -> String {
    if claim.is_ill_typed() {
        ill_typed(name)
    } else {
        format!("no {name}")
    }
}

fn ill_typed(name: &str) -> String {
    format!("{name} of another type")
}
