//! Months of Entra's key endpoint, replayed on a virtual clock: what our cache makes of it, and what two others
//! would have made of it.
//!
//! Again and again somebody sends one token per key that the endpoint has published within the last 24 hours; a token
//! may live that long. The time in which one of them is refused is an outage for its sender. The clock goes in steps
//! of half an hour; with `ENTRA_JWT_SOAK` set, of a minute. The outcome is compared with the table of docs/signing-keys.md,
//! which has the minutes.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod cache_support;
#[path = "common/shared.rs"]
mod shared;

use std::collections::BTreeMap;
use std::path::Path;

use cache_support::{kept_for, seconds};
use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{FetchRequest, JwkSet, KeyCache, KeyLookup, Monotonic};
use entra_jwt_verify::token::KeyReference;
use serde_json::Value;
use shared::{read, say, shared};

const TOKEN_LIFE: u64 = 86_400;

/// How a verifier keeps keys.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    refresh_interval: u64,
    retention: u64,
}

const OURS: Way = Way {
    name: "merged, kept for 24 h (ours)",
    refresh_interval: 3600,
    retention: 86_400,
};
const REPLACE: Way = Way {
    name: "replaced by each answer, hourly",
    refresh_interval: 3600,
    retention: 0,
};
const TEN_MINUTES: Way = Way {
    name: "replaced by each answer, every 10 min",
    refresh_interval: 600,
    retention: 0,
};

#[test]
#[ignore = "needs the shared vectors"]
#[allow(clippy::cast_precision_loss, reason = "seconds of a few months")]
fn every_key_that_was_seen_within_a_day_verifies_through_months_of_entra() {
    let folder = shared();
    for (name, title) in [
        ("public-v1-2025-2026", "public cloud, v1 keys, {} days of 2025–26"),
        ("public-v2-common-2024", "public cloud, v2 keys, {} days of 2024"),
        ("usgov-v1-2025-2026", "US Government, v1 keys, {} days of 2025–26"),
    ] {
        let recording = Recording::read(&folder.join(format!("data/replay/{name}.json")));
        say(&format!(
            "{name}: {} days, {} keys",
            recording.days(),
            recording.keys.len()
        ));
        let outages = [OURS, REPLACE, TEN_MINUTES].map(|way| {
            let outcome = recording.replay(way);
            say(&format!(
                "  {:38} {:6.1} h with a good token refused, {:6.1} fetches a day",
                way.name,
                outcome.refused_seconds as f64 / 3600.0,
                outcome.fetches as f64 / recording.days() as f64,
            ));
            outcome
        });
        assert_eq!(
            outages[0].forgotten_too_early, 0,
            "{name}: a key seen within 24 h verifies at every moment"
        );
        assert!(
            outages[1].refused_seconds > 0,
            "{name}: a recording that shows nothing proves nothing"
        );
        assert!(outages[0].refused_seconds < outages[1].refused_seconds);
        let hours = outages.map(|outcome| outcome.refused_seconds as f64 / 3600.0);
        assert_documented(&title.replace("{}", &recording.days().to_string()), hours);
    }
}

/// A row of the table in the documentation has these hours: exactly if the clock goes in minutes, else nearly.
fn assert_documented(recording: &str, hours: [f64; 3]) {
    let page = include_str!("../docs/signing-keys.md");
    let start = format!("| {recording} | ");
    let row = page.lines().find_map(|line| line.strip_prefix(&start));
    let row = row.unwrap_or_else(|| panic!("docs/signing-keys.md has no row {start}"));
    let number = |cell: &str| -> f64 { cell.replace(['|', 'h', ' ', '\u{202f}', '\u{a0}'], "").parse().unwrap() };
    let documented: Vec<f64> = row.split(" | ").map(number).collect();
    let tolerance = |hours: f64| if is_soak() { 0.05 } else { f64::max(4.0, hours / 20.0) };
    let differs = |(measured, documented): (&f64, &f64)| (measured - documented).abs() > tolerance(*measured);
    assert_eq!(documented.len(), hours.len(), "{row}");
    assert!(
        !hours.iter().zip(&documented).any(differs),
        "{recording}: measured {hours:.1?}, documented {documented:?}"
    );
}

fn is_soak() -> bool {
    std::env::var_os("ENTRA_JWT_SOAK").is_some()
}

struct Outcome {
    /// Time in which a token was refused whose key the endpoint had published within the last 24 hours.
    refused_seconds: u64,
    /// Requests for keys that the cache itself had seen within the last 24 hours, and that it did not give.
    forgotten_too_early: u64,
    fetches: u64,
}

/// A recording: what the endpoint answered from when on.
struct Recording {
    keys: BTreeMap<String, Value>,
    snapshots: Vec<(u64, Vec<String>)>,
}

impl Recording {
    fn read(path: &Path) -> Self {
        let document = read(path);
        let mut keys: BTreeMap<String, Value> = document["keys"].as_object().unwrap().clone().into_iter().collect();
        for key in keys.values_mut() {
            // Thousands of answers are parsed; the certificate and five more algorithms are not what is tested.
            key.as_object_mut().unwrap().remove("x5c");
            key["alg"] = "RS256".into();
        }
        let snapshots = document["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|snapshot| {
                let kids = snapshot["kids"].as_array().unwrap();
                (
                    instant(&snapshot["t"]),
                    kids.iter().map(|kid| kid.as_str().unwrap().to_owned()).collect(),
                )
            })
            .collect();
        Self { keys, snapshots }
    }

    fn days(&self) -> u64 {
        (self.snapshots[self.snapshots.len() - 1].0 - self.snapshots[0].0) / 86_400
    }

    /// Step by step through the recording.
    fn replay(&self, way: Way) -> Outcome {
        let step = if is_soak() { 60 } else { 1800 };
        let mut settings = kept_for(seconds(way.retention));
        settings.refresh_interval = seconds(way.refresh_interval);
        let mut cache = KeyCache::new(settings);
        let mut outcome = Outcome {
            refused_seconds: 0,
            forgotten_too_early: 0,
            fetches: 0,
        };
        let mut published: BTreeMap<&str, u64> = BTreeMap::new();
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        let mut at = 0;
        let (start, end) = (self.snapshots[0].0, self.snapshots[self.snapshots.len() - 1].0);
        for now in (start..end).step_by(usize::try_from(step).unwrap()) {
            while self.snapshots.get(at + 1).is_some_and(|next| next.0 <= now) {
                at += 1;
            }
            let current = &self.snapshots[at].1;
            published.extend(current.iter().map(|kid| (kid.as_str(), now)));
            published.retain(|_, last| now - *last <= TOKEN_LIFE);
            let clock = seconds(now - start + 1);
            let mut refused = false;
            for kid in published.keys().copied().collect::<Vec<_>>() {
                let given = request(&mut cache, kid, clock, |cache| {
                    outcome.fetches += 1;
                    cache.arrived(self.set(current), clock, jitter(outcome.fetches));
                    seen.extend(current.iter().map(|kid| (kid.as_str(), now)));
                });
                refused |= !given;
                let was_seen = seen.get(kid).is_some_and(|last| now - last <= TOKEN_LIFE);
                outcome.forgotten_too_early += u64::from(was_seen && !given);
            }
            outcome.refused_seconds += step * u64::from(refused);
        }
        outcome
    }

    fn set(&self, kids: &[String]) -> JwkSet {
        let keys: Vec<_> = kids.iter().map(|kid| self.keys[kid].to_string()).collect();
        JwkSet::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
    }
}

/// One request; a fetch that it causes is answered at once.
fn request(cache: &mut KeyCache, kid: &str, now: Monotonic, mut answer: impl FnMut(&mut KeyCache)) -> bool {
    let ticket = cache.ticket();
    let reference = KeyReference::Kid(kid.into());
    loop {
        let step = cache.look_up(&reference, Algorithm::RS256, ticket, now);
        if let Some(FetchRequest { .. }) = step.fetch {
            answer(cache);
        }
        match step.lookup {
            KeyLookup::Found(_) => return true,
            KeyLookup::Pending => {}
            KeyLookup::Rejected(_) => return false,
        }
    }
}

/// Some number in 0..1, the same in each run.
fn jitter(n: u64) -> f64 {
    let mixed = u32::try_from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap();
    f64::from(mixed) / (f64::from(u32::MAX) + 1.0)
}

/// Seconds since 1970 of `YYYY-MM-DDThh:mm:ssZ`, by the days of a civil calendar.
fn instant(text: &Value) -> u64 {
    let text = text.as_str().unwrap();
    let part = |range: std::ops::Range<usize>| text[range].parse::<u64>().unwrap();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    // March is the first month of such a year, so that the leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    days * 86_400 + part(11..13) * 3600 + part(14..16) * 60 + part(17..19)
}
