//! `aud` (microsoft-cases, sections 6 to 8; docs/options.md): any of several, GUIDs without case, one trailing slash of a
//! URI ignored, `spn:` before a GUID in v1 tokens.

use serde_json::json;

use crate::common::{CLIENT, Judge, TENANT, sign};
use crate::table::{check, claims, set, value};

#[test]
fn an_audience_is_one_of_those_that_are_accepted() {
    check::<3>(
        "
        audience                        | ver | aud                             | verdict
        -                               | 2.0 | <API>                           | ok                  # by default the client id …
        -                               | 1.0 | <API>                           | ok
        -                               | 1.0 | api://<API>                     | ok                  # … and its App ID URI
        -                               | 2.0 | api://<API>                     | ok
        -                               | 2.0 | api://<O>                       | ERR_TOKEN_AUDIENCE
        -                               | 2.0 | 00000003-0000-0000-c000-000000000000 | ERR_TOKEN_AUDIENCE # Microsoft Graph
        -                               | 1.0 | https://graph.microsoft.com     | ERR_TOKEN_AUDIENCE
        api://tasks                     | 1.0 | api://tasks                     | ok
        api://tasks                     | 2.0 | <API>                           | ERR_TOKEN_AUDIENCE  # the option replaces the default
        api://tasks                     | 1.0 | api://other                     | ERR_TOKEN_AUDIENCE
        api://tasks                     | 1.0 | \"\"                            | ERR_TOKEN_AUDIENCE
        api://tasks                     | 1.0 | ' '                             | ERR_TOKEN_AUDIENCE
        api://tasks                     | 1.0 | -                               | ERR_TOKEN_AUDIENCE  # IDX10206
        api://tasks                     | 1.0 | API://tasks                     | ERR_TOKEN_AUDIENCE  # text compares with case
        api://tasks                     | 1.0 | api://tasks/.default            | ERR_TOKEN_AUDIENCE  # a scope is no audience
        api://tasks,api://notes         | 1.0 | api://notes                     | ok                  # several accepted
        api://tasks,api://notes         | 1.0 | api://other                     | ERR_TOKEN_AUDIENCE
        api://tasks                     | 1.0 | api://other,api://tasks         | ok                  # several in the token
        api://tasks                     | 1.0 | api://other,api://notes         | ERR_TOKEN_AUDIENCE
        api://a,api://b                 | 1.0 | api://c,api://b                 | ok
        api://tasks                     | 1.0 | api://tasks/                    | ok                  # trailing slash, in the token
        api://tasks/                    | 1.0 | api://tasks                     | ok                  # … and in the option
        https://tasks.example/v1/       | 2.0 | https://tasks.example/v1        | ok
        api://tasks                     | 1.0 | api://tasks//                   | ERR_TOKEN_AUDIENCE  # one of them
        api://tasks//                   | 1.0 | api://tasks                     | ERR_TOKEN_AUDIENCE
        <API>                           | 2.0 | <API>/                          | ERR_TOKEN_AUDIENCE  # a GUID is no URI
        tasks                           | 1.0 | tasks/                          | ERR_TOKEN_AUDIENCE  # nor is a word
        <API>                           | 2.0 | <API^>                          | ok                  # recorded: delegated-v1-05
        <API^>                          | 2.0 | <API>                           | ok
        <API>                           | 2.0 | <O>                             | ERR_TOKEN_AUDIENCE
        <API>                           | 1.0 | spn:<API>                       | ok                  # passport-azure-ad, bearer_flow_test
        <API>                           | 1.0 | spn:<API^>                      | ok
        spn:<API>                       | 1.0 | <API>                           | ok
        spn:<API>                       | 1.0 | spn:<API>                       | ok
        <API>                           | 2.0 | spn:<API>                       | ERR_TOKEN_AUDIENCE  # no spelling of v2
        <API>                           | 1.0 | SPN:<API>                       | ERR_TOKEN_AUDIENCE
        <API>                           | 1.0 | spn:<O>                         | ERR_TOKEN_AUDIENCE
        <API>                           | 1.0 | spn:api://<API>                 | ERR_TOKEN_AUDIENCE
        api://<API>                     | 1.0 | spn:<API>                       | ERR_TOKEN_AUDIENCE
        tasks                           | 1.0 | spn:tasks                       | ERR_TOKEN_AUDIENCE
        <API>                           | 2.0 | api://<API>                     | ERR_TOKEN_AUDIENCE  # one is not the other
        api://<API>                     | 2.0 | <API>                           | ERR_TOKEN_AUDIENCE
        *                               | 2.0 | <API>                           | ERR_TOKEN_AUDIENCE  # no wildcard
        \"\"                            | 2.0 | \"\"                            | ERR_CONFIG          # IDX10208: none is not any
        ",
        |[accepted, ver, aud]| {
            let client = if accepted == "-" { json!(CLIENT) } else { json!(null) };
            let options = json!({ "tenantId": TENANT, "clientId": client, "audience": value(accepted) });
            Judge::try_by(&options)?.judge(&sign(set(claims(ver), "aud", aud)))
        },
    );
}
