use std::sync::mpsc;
use std::thread;

use super::super::test_server::{Answer, Server, answer, key_set, ok};
use super::super::{Discovery, InitialKeys};
use super::*;

/// Longer than anything here takes.
const TIME_LIMIT: Duration = Duration::from_secs(10);

fn good(kid: &str) -> Answer {
    Answer::Bytes(ok("", key_set(kid)))
}

fn busy() -> Answer {
    Answer::Bytes(answer("503 Busy", "", ""))
}

fn set(kid: &str) -> JwkSet {
    JwkSet::parse(key_set(kid).as_bytes()).unwrap()
}

fn source_of(server: &Server, cache: CacheSettings) -> Arc<KeySource> {
    let mut config = KeySourceConfig::new(KeyLocation::JwkSet(server.url("http", "keys")));
    config.cache = cache;
    KeySource::shared(config)
}

fn given() -> Arc<KeySource> {
    KeySource::shared(KeySourceConfig::new(KeyLocation::Given))
}

/// Of a verified domain, whose metadata is at a URL that is the test's own.
fn source_of_domain(metadata: &str, initial: Option<InitialKeys>) -> KeySource {
    let mut config = KeySourceConfig::new(KeyLocation::Discovery(Discovery {
        metadata: Url::parse(metadata).unwrap(),
        authority: MetadataAuthority::Entra {
            issuer_prefix: "https://login.example/".to_owned(),
        },
        keys: None,
        app_id: None,
    }));
    config.initial = initial;
    KeySource::new(config)
}

const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

fn issuer_of(tenant: &str) -> String {
    format!("https://login.example/{tenant}/v2.0")
}

fn fetched(issuer: Option<String>) -> Fetched {
    Fetched { keys: set("a"), issuer }
}

fn look_up(source: &Arc<KeySource>, kid: &'static str) -> KeyLookup {
    source.look_up(&KeyReference::Kid(kid.into()), Algorithm::ES256, None).0
}

/// Waits until the running fetch has ended.
fn settled(source: &KeySource) {
    let (sender, receiver) = mpsc::channel();
    source.when_settled(move || sender.send(()).unwrap());
    receiver.recv_timeout(TIME_LIMIT).expect("the fetch ends");
}

fn kids(source: &KeySource) -> Vec<String> {
    source.stats().keys.into_iter().map(|(kid, _)| kid).collect()
}

#[test]
fn the_first_request_fetches_and_all_wait_for_it() {
    let server = Server::with(ok("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", key_set("a")));
    let source = source_of(&server, CacheSettings::default());
    assert!(!source.needs_roots() && !source.is_given());
    assert_eq!((kids(&source), source.clock_ahead()), (vec![], None));
    assert!(matches!(look_up(&source, "a"), KeyLookup::Pending));
    assert!(matches!(look_up(&source, "a"), KeyLookup::Pending));
    settled(&source);
    assert!(matches!(look_up(&source, "a"), KeyLookup::Found(_)));
    assert!(source.outcome().is_ok());
    assert_eq!(server.requests().len(), 1);

    let stats = source.stats();
    assert_eq!(kids(&source), ["a"]);
    assert_eq!((stats.counts.fetches, stats.counts.failures), (1, 0));
    assert!(stats.last_success.is_some() && stats.last_failure.is_none());
    assert!(stats.clock_ahead.is_some_and(|ahead| ahead > 1e9));
    assert_eq!(stats.clock_ahead, source.clock_ahead());
    let outcomes = |after: u64| -> Vec<_> {
        let events = source.events_after(after);
        events
            .into_iter()
            .map(|(event, _)| (event.number, event.outcome))
            .collect()
    };
    assert_eq!(outcomes(0), [(1, Ok(1))]);
    assert_eq!(outcomes(1), []);
    assert_eq!(
        source.with_keys(|keys, issuer| (keys.len(), issuer.is_some())),
        (1, false)
    );
    // With nothing under way, at once.
    settled(&source);
}

#[test]
fn a_request_that_waited_is_not_made_to_wait_for_another_fetch() {
    let server = Server::start(vec![good("a"), good("b")]);
    let source = source_of(&server, CacheSettings::default());
    let unknown = KeyReference::Kid("unknown".into());
    let (lookup, ticket) = source.look_up(&unknown, Algorithm::ES256, None);
    assert!(matches!(lookup, KeyLookup::Pending));
    settled(&source);
    let (lookup, again) = source.look_up(&unknown, Algorithm::ES256, Some(ticket));
    assert!(matches!(lookup, KeyLookup::Rejected(_)), "{lookup:?}");
    assert_eq!((ticket, again), (Ticket(0), Ticket(0)));
    assert_eq!(source.look_up(&unknown, Algorithm::ES256, None).1, Ticket(1));
}

#[test]
fn a_failure_is_remembered_with_its_cause() {
    let server = Server::start(vec![busy(), busy()]);
    let source = source_of(&server, CacheSettings::default());
    assert!(matches!(source.request_fetch(), KeyLookup::Pending));
    settled(&source);
    assert!(matches!(
        look_up(&source, "a"),
        KeyLookup::Rejected(Error::KeysUnavailable { .. })
    ));
    assert!(source.outcome().is_err());
    let stats = source.stats();
    assert_eq!(stats.last_failure.unwrap().1, FetchCause::ServerError(503));
    assert_eq!((stats.counts.failures, stats.last_success), (1, None));
    let [(event, _)] = source.events_after(0).try_into().unwrap();
    assert_eq!(event.outcome, Err(FetchCause::ServerError(503)));
    assert_eq!(server.requests().len(), 2, "the first fetch is tried twice");
}

#[test]
fn a_tick_refreshes_when_that_is_due_and_not_before() {
    let server = Server::start(vec![good("a"), good("b"), good("c")]);
    let cache = CacheSettings {
        refresh_interval: Duration::from_millis(300),
        ..CacheSettings::default()
    };
    let source = source_of(&server, cache);
    source.tick();
    settled(&source);
    assert_eq!(server.requests().len(), 0, "without keys nothing is due");
    let _ = source.request_fetch();
    settled(&source);
    let next = source.next_tick.load(Ordering::Relaxed);
    assert!(next > milliseconds(now()), "{next}");
    source.tick();
    settled(&source);
    assert_eq!(server.requests().len(), 1);
    thread::sleep(Duration::from_millis(400));
    source.tick();
    settled(&source);
    assert_eq!(server.requests().len(), 2);
    let mut kids = kids(&source);
    kids.sort();
    assert_eq!(kids, ["a", "b"]);
}

#[test]
fn sources_of_one_configuration_are_one_as_long_as_somebody_has_it() {
    let location = |host: &str| KeyLocation::JwkSet(Url::parse(&format!("https://{host}.example/keys")).unwrap());
    let shared = |host: &str| KeySource::shared(KeySourceConfig::new(location(host)));
    let (one, other) = (shared("one"), shared("other"));
    assert!(Arc::ptr_eq(&one, &shared("one")) && !Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&given(), &given()));
    let weak = Arc::downgrade(&one);
    drop(one);
    assert!(weak.upgrade().is_none());
    // The next one tidies up.
    let _third = shared("third");
    assert!(!lock(&REGISTRY).contains_key(&KeySourceConfig::new(location("one"))));
    assert!(lock(&REGISTRY).contains_key(&other.config));
}

/// The roots are one list per process, so no other test may set them.
#[test]
fn a_fetch_waits_for_the_roots() {
    let source = |port: u16| {
        let url = Url::parse(&format!("https://127.0.0.1:{port}/keys")).unwrap();
        KeySource::shared(KeySourceConfig::new(KeyLocation::JwkSet(url)))
    };
    let (one, other, last) = (source(1), source(2), source(3));
    assert!(one.needs_roots() && other.needs_roots());
    assert!(source_of_domain("https://login.example/roots", None).needs_roots());
    for source in [&one, &other, &last] {
        assert!(matches!(source.request_fetch(), KeyLookup::Pending));
        assert!(lock(&source.state).waiting_for_roots.is_some());
    }
    one.trust(Roots::default());
    settled(&one);
    assert_eq!(one.stats().last_failure.unwrap().1, FetchCause::NoRoots);
    assert!(!one.needs_roots());
    // The other one has not heard of it.
    assert!(other.needs_roots());
    other.trust(Roots(vec!["a later list changes nothing".to_owned()]));
    settled(&other);
    assert_eq!(other.stats().last_failure.unwrap().1, FetchCause::NoRoots);
    assert!(ROOTS.get().unwrap().0.is_empty());
    // One that hears nothing begins with the next request.
    assert!(matches!(look_up(&last, "a"), KeyLookup::Pending));
    settled(&last);
    assert!(!last.needs_roots());
    assert_eq!(last.events_after(0).len(), 1);
}

#[test]
fn an_application_s_keys_count_as_an_answer() {
    let source = given();
    assert!(source.is_given() && !source.needs_roots());
    assert!(matches!(look_up(&source, "a"), KeyLookup::Rejected(_)));
    source.merge(set("a")).unwrap();
    assert!(matches!(look_up(&source, "a"), KeyLookup::Found(_)));
    assert_eq!(source.events_after(0)[0].0.outcome, Ok(1));

    let discovers = source_of_domain("https://login.example/merge", None);
    assert!(matches!(discovers.merge(set("a")), Err(Error::Config { .. })));
    lock(&discovers.state).issuer = Some(issuer_of(TENANT).into());
    discovers.merge(set("a")).unwrap();
    assert_eq!(kids(&discovers), ["a"]);
}

#[test]
fn keys_to_start_with_bring_the_issuer_where_that_is_discovered() {
    let mut document: serde_json::Value = serde_json::from_str(&key_set("a")).unwrap();
    document["issuer"] = issuer_of(TENANT).into();
    let initial = InitialKeys::parse(&document.to_string()).unwrap();
    let discovers = source_of_domain("https://login.example/initial", Some(initial.clone()));
    assert_eq!(kids(&discovers), ["a"]);
    assert_eq!(discovers.discovered_issuer().as_deref(), Some(&*issuer_of(TENANT)));
    let url = Url::parse("https://login.example/keys").unwrap();
    let mut config = KeySourceConfig::new(KeyLocation::JwkSet(url));
    config.initial = Some(initial);
    let knows = KeySource::new(config);
    assert_eq!((kids(&knows), knows.discovered_issuer()), (vec!["a".to_owned()], None));
    // Those of another authority are not for this one.
    document["issuer"] = "https://evil.example/v2.0".into();
    let foreign = InitialKeys::parse(&document.to_string()).unwrap();
    assert!(kids(&source_of_domain("https://login.example/foreign", Some(foreign))).is_empty());
}

#[test]
fn which_issuers_may_be_of_a_source() {
    let discovers = source_of_domain("https://login.example/may", None);
    assert!(discovers.may_be_of(&issuer_of(TENANT)));
    assert!(!discovers.may_be_of("https://evil.example/v2.0"));
    assert!(!given().may_be_of(&issuer_of(TENANT)));
}

#[test]
fn keys_of_a_former_issuer_are_forgotten() {
    let source = source_of_domain("https://login.example/former", None);
    let arrived = |kid: &str, issuer: &str| {
        let issuer = Some(issuer.to_owned());
        lock(&source.state).arrived(Fetched { keys: set(kid), issuer }, now());
        (kids(&source).len(), source.discovered_issuer().unwrap().to_string())
    };
    assert_eq!(
        arrived("a", "https://one.example"),
        (1, "https://one.example".to_owned())
    );
    assert_eq!(
        arrived("b", "https://one.example"),
        (2, "https://one.example".to_owned())
    );
    assert_eq!(
        arrived("c", "https://two.example"),
        (1, "https://two.example".to_owned())
    );
    assert_eq!(kids(&source), ["c"]);
}

#[test]
fn a_domain_is_of_the_tenant_that_it_was_first_of() {
    let source = source_of_domain("https://login.example/pinned?appid=1", None);
    // The same metadata, asked for another application.
    let again = source_of_domain("https://login.example/pinned?appid=2", None);
    let result = |source: &KeySource, issuer: Option<String>, known: Option<&str>| {
        let result = source.of_pinned_tenant(fetched(issuer), known);
        result.map(|_| ()).map_err(|failure| failure.cause)
    };
    let other = FetchCause::OtherTenant {
        first: TENANT.to_owned(),
        now: OTHER_TENANT.to_owned(),
    };
    assert_eq!(result(&source, Some(issuer_of(TENANT)), None), Ok(()));
    assert_eq!(result(&source, Some(issuer_of(TENANT)), None), Ok(()));
    for source in [&source, &again] {
        assert_eq!(result(source, Some(issuer_of(OTHER_TENANT)), None), Err(other.clone()));
    }
    assert_eq!(result(&source, None, None), Ok(()));
    // What was known at the start counts as first.
    let known = source_of_domain("https://login.example/known", None);
    assert_eq!(
        result(&known, Some(issuer_of(OTHER_TENANT)), Some(&issuer_of(TENANT))),
        Err(other)
    );
    // An authority that is no domain of Entra's may change its issuer.
    let asked = Url::parse("https://login.example/oidc").unwrap();
    let oidc = KeySource::new(KeySourceConfig::new(KeyLocation::Discovery(Discovery {
        metadata: asked.clone(),
        authority: MetadataAuthority::Oidc { asked, issuer: None },
        keys: None,
        app_id: None,
    })));
    for tenant in [TENANT, OTHER_TENANT] {
        assert_eq!(result(&oidc, Some(issuer_of(tenant)), None), Ok(()));
        assert_eq!(result(&given(), Some(issuer_of(tenant)), None), Ok(()));
    }
}

#[test]
fn as_many_ends_of_fetches_are_kept_as_listeners_need() {
    let source = given();
    for _ in 0..MAX_EVENTS + 3 {
        lock(&source.state).remember(Ok(1), now());
    }
    let numbers: Vec<u64> = source.events_after(0).iter().map(|(event, _)| event.number).collect();
    assert_eq!((numbers.len(), numbers[0], numbers[MAX_EVENTS - 1]), (64, 4, 67));
    assert_eq!(source.events_after(66).len(), 1);
}

#[test]
fn a_fetch_that_is_lost_ends_as_a_failure() {
    let source = source_of_domain("https://login.example/lost", None);
    let source = Arc::new(source);
    drop(FetchUnderWay {
        source: Arc::clone(&source),
        result: Err(stopped()),
        clock: None,
    });
    assert_eq!(source.stats().last_failure.unwrap().1, FetchCause::Stopped);
}

#[test]
fn numbers_to_spread_what_happens_at_once_are_spread() {
    let numbers: Vec<f64> = (0..1000).map(|_| random()).collect();
    assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
    for quarter in [0.0, 0.25, 0.5, 0.75] {
        let inside = numbers
            .iter()
            .filter(|number| (quarter..quarter + 0.25).contains(*number))
            .count();
        // 250 ± 14; this is nine times that.
        assert!((125..375).contains(&inside), "{inside} from {quarter}");
    }
}

#[test]
fn the_monotonic_clock_has_milliseconds() {
    assert_eq!(milliseconds(Duration::from_secs(3)), 3000);
    assert_eq!(milliseconds(Duration::MAX), u64::MAX);
    let before = now();
    thread::sleep(Duration::from_millis(5));
    assert!(now().saturating_sub(before) >= Duration::from_millis(5));
}
