//! Where the keys are (ARCHITECTURE.md, "What is verified"): for one tenant at one address; for several, those of v2 tokens
//! where each key says whose it is.

use entra_jwt_verify::Options;
use entra_jwt_verify::keys::{KeyLocation, KeyOrigin, KeySourceConfig};
use serde_json::json;

use crate::common::CLIENT;
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
        let found = match KeyOrigin::from_options(&Options::parse(&options.to_string()).unwrap(), None).unwrap() {
            KeyOrigin::Remote(one) => [path(&one), path(&one)],
            KeyOrigin::RemoteByVersion { v1, v2 } => [path(&v1), path(&v2)],
            other => panic!("{other:?}"),
        };
        assert_eq!(found, [v1, v2], "{line}");
    }
}

/// The path of the key set, which is asked for with the API's own id.
fn path(keys: &KeySourceConfig) -> String {
    let KeyLocation::JwkSet(url) = &keys.location else {
        panic!("{keys:?}")
    };
    assert_eq!(url.query(), Some(format!("appid={CLIENT}").as_str()));
    url.path().to_owned()
}
