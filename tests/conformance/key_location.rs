//! Where the keys are (ARCHITECTURE.md, "What is verified"): for one tenant at one address; for several, those of v2 tokens
//! where each key says whose it is.

use entra_jwt_verify::key_locations;
use entra_jwt_verify::keys::KeyLocation;
use entra_jwt_verify::policy::Version;
use serde_json::json;

use crate::common::{CLIENT, policy};
use crate::table::{rows, value};

#[test]
fn several_tenants_have_their_v2_keys_where_issuers_are_told() {
    for (line, cells) in rows(
        "
        tenantId      | allowedTenants | keys for v1 tokens            | keys for v2 tokens
        <T>           | -              | /<T>/discovery/keys           | /<T>/discovery/keys
        <T^>          | -              | /<T>/discovery/keys           | /<T>/discovery/keys
        <T>           | <T>            | /<T>/discovery/keys           | /<T>/discovery/keys
        organizations | *              | /organizations/discovery/keys | /organizations/discovery/v2.0/keys
        organizations | <T>            | /organizations/discovery/keys | /organizations/discovery/v2.0/keys
        common        | <T>,<O>        | /common/discovery/keys        | /common/discovery/v2.0/keys
        consumers     | *              | /consumers/discovery/keys     | /consumers/discovery/v2.0/keys
        <T>           | <T>,<O>        | /<T>/discovery/keys           | /<T>/discovery/v2.0/keys
        <T>           | *              | /<T>/discovery/keys           | /<T>/discovery/v2.0/keys
        contoso.com   | <T>,<O>        | /contoso.com/discovery/keys   | /contoso.com/discovery/v2.0/keys
        ",
    ) {
        let [tenant, allowed, v1, v2] = cells.try_into().unwrap();
        let options = json!({ "tenantId": tenant, "allowedTenants": value(&allowed), "clientId": CLIENT });
        let locations = key_locations(&policy(&options).unwrap(), None).unwrap();
        let found = [Version::V1, Version::V2].map(|version| path(locations.get(Some(version)).1));
        assert_eq!(found, [v1, v2], "{line}");
    }
}

#[test]
fn one_tenant_has_two_addresses_and_that_of_its_tokens_version_is_asked_first() {
    for (line, cells) in rows(
        "
        option        | its value                                                          | asked first                       | asked next
        tenantId      | <T>                                                                | /<T>/discovery/keys               | /<T>/discovery/v2.0/keys
        issuer        | https://login.microsoftonline.com/<T>/v2.0                         | /<T>/discovery/v2.0/keys          | /<T>/discovery/keys
        issuer        | https://sts.windows.net/<T>/                                       | /<T>/discovery/keys               | /<T>/discovery/v2.0/keys
        authority     | https://login.microsoftonline.com/<T>                              | /<T>/discovery/keys               | /<T>/discovery/v2.0/keys
        authority     | https://contoso.ciamlogin.com/<T>                                  | /<T>/discovery/v2.0/keys          | /<T>/discovery/keys
        issuer        | https://<T>.ciamlogin.com/<T>/v2.0                                 | /<T>/discovery/v2.0/keys          | /<T>/discovery/keys
        authority     | https://login.sovcloud-identity.fr/<T>                             | /<T>/discovery/v2.0/keys          | /<T>/discovery/keys
        ",
    ) {
        let [option, text, first, second] = cells.try_into().unwrap();
        let mut options = json!({ "clientId": CLIENT });
        options[&option] = json!(text);
        let locations = key_locations(&policy(&options).unwrap(), None).unwrap();
        assert!(!locations.is_by_version(), "{line}");
        let KeyLocation::EitherJwkSet { first: found, second: next } = locations.get(None).1 else {
            panic!("{line}")
        };
        assert_eq!((found.path(), next.path()), (first.as_str(), second.as_str()), "{line}");
    }
}

#[test]
fn of_several_tenants_nothing_stands_in_for_the_set_that_says_whose_a_key_is() {
    let options = json!({ "tenantId": "common", "allowedTenants": "*", "clientId": CLIENT });
    let locations = key_locations(&policy(&options).unwrap(), None).unwrap();
    assert!(matches!(locations.get(Some(Version::V2)).1, KeyLocation::JwkSet(_)));
    let narrowed = json!({
        "tenantId": "organizations",
        "issuer": format!("https://login.microsoftonline.com/{}/v2.0", crate::common::TENANT),
        "clientId": CLIENT,
    });
    let locations = key_locations(&policy(&narrowed).unwrap(), None).unwrap();
    assert!(
        matches!(locations.get(None).1, KeyLocation::JwkSet(url) if url.path() == "/organizations/discovery/v2.0/keys")
    );
    assert!(!locations.is_by_version());
}

/// The path of the key set, which is asked for with the API's own id.
fn path(location: &KeyLocation) -> String {
    let (KeyLocation::JwkSet(url) | KeyLocation::EitherJwkSet { first: url, .. }) = location else {
        panic!("{location:?}")
    };
    assert_eq!(url.query(), Some(format!("appid={CLIENT}").as_str()));
    url.path().to_owned()
}
