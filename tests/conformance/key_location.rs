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

/// The path of the key set, which is asked for with the API's own id.
fn path(location: &KeyLocation) -> String {
    let (KeyLocation::JwkSet(url) | KeyLocation::EitherJwkSet { first: url, .. }) = location else {
        panic!("{location:?}")
    };
    assert_eq!(url.query(), Some(format!("appid={CLIENT}").as_str()));
    url.path().to_owned()
}
