"""MSAL for Python and azure-identity get tokens in each of their ways. Argument: JSON of the settings. Prints, for each way, one
line of JSON: its name with `token`, or with `error`."""
import json
import sys
from urllib.parse import parse_qsl, urlsplit

import azure.identity
import msal
import requests
from azure.core.exceptions import ClientAuthenticationError

settings = json.loads(sys.argv[1])
url, tenant = settings["url"], settings["tenantId"]
app_scope, user_scope = "api://tasks/.default", "api://tasks/Task.Read"


def approve(page, user_code):
    """What the user does with the code that a device shows."""
    requests.post(page, data={"otc": user_code}).raise_for_status()


def confidential(client_id, credential):
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=f"{url}/{tenant}",
        instance_discovery=False,
    )


def public(**options):
    return msal.PublicClientApplication(
        settings["public"], authority=f"{url}/{tenant}", instance_discovery=False, **options
    )


def token_of(result):
    if "access_token" not in result:
        raise RuntimeError(result.get("error_description", str(result)))
    return result["access_token"]


def for_client(client_id, credential):
    return token_of(confidential(client_id, credential).acquire_token_for_client([app_scope]))


def on_behalf_of(assertion):
    client = confidential(settings["middle"], settings["secretValue"])
    return token_of(client.acquire_token_on_behalf_of(assertion, [user_scope]))


def device_flow():
    client = public()
    flow = client.initiate_device_flow([user_scope])
    approve(flow["verification_uri"], flow["user_code"])
    return token_of(client.acquire_token_by_device_flow(flow))


def auth_code_flow():
    """Signs in by the browser with PKCE, then refreshes."""
    client = public(client_capabilities=["CP1"])
    flow = client.initiate_auth_code_flow([user_scope], redirect_uri="http://localhost:7777/")
    answer = requests.get(flow["auth_uri"], allow_redirects=False)
    response = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    first = token_of(client.acquire_token_by_auth_code_flow(flow, response))
    [account] = client.get_accounts()
    assert account["username"] == "megan@tenant.example", account
    assert client.acquire_token_silent([user_scope], account)["access_token"] == first
    refreshed = token_of(client.acquire_token_silent([user_scope], account, force_refresh=True))
    assert refreshed != first
    return refreshed


host = {"authority": url, "disable_instance_discovery": True}
certificate = settings["certificate"]


def sdk(credential, scope=app_scope):
    return credential.get_token(scope).token


WAYS = {
    "msal secret": lambda: for_client(settings["secret"], settings["secretValue"]),
    "msal certificate, SHA-1": lambda: for_client(
        settings["certificateClient"],
        {"private_key": certificate["key"], "thumbprint": certificate["thumbprint"]},
    ),
    "msal certificate, SHA-256": lambda: for_client(
        settings["certificateClient"],
        {"private_key": certificate["key"], "public_certificate": certificate["cert"]},
    ),
    "msal assertion": lambda: for_client(settings["workload"], {"client_assertion": settings["federatedToken"]}),
    "msal on-behalf-of": lambda: on_behalf_of(settings["userAssertion"]),
    "msal device code": device_flow,
    "msal authorization code": auth_code_flow,
    "identity secret": lambda: sdk(
        azure.identity.ClientSecretCredential(tenant, settings["secret"], settings["secretValue"], **host)
    ),
    "identity certificate": lambda: sdk(
        azure.identity.CertificateCredential(tenant, settings["certificateClient"], settings["certificatePath"], **host)
    ),
    "identity workload": lambda: sdk(
        azure.identity.WorkloadIdentityCredential(
            tenant_id=tenant, client_id=settings["workload"], token_file_path=settings["federatedTokenPath"], **host
        )
    ),
    "identity on-behalf-of": lambda: sdk(
        azure.identity.OnBehalfOfCredential(
            tenant, settings["middle"], client_secret=settings["secretValue"], user_assertion=settings["userAssertion"], **host
        ),
        user_scope,
    ),
    "identity device code": lambda: sdk(
        azure.identity.DeviceCodeCredential(
            settings["public"], tenant_id=tenant, prompt_callback=lambda page, code, _: approve(page, code), **host
        ),
        user_scope,
    ),
    "msal wrong secret": lambda: for_client(settings["secret"], "wrong"),
    "msal on-behalf-of no user": lambda: on_behalf_of(settings["appAssertion"]),
    "identity wrong secret": lambda: sdk(
        azure.identity.ClientSecretCredential(tenant, settings["secret"], "wrong", **host)
    ),
}

print(f"# Python {sys.version.split()[0]}, msal {msal.__version__}, azure-identity {azure.identity.__version__}")
for name, way in WAYS.items():
    try:
        print(json.dumps({"name": name, "token": way()}), flush=True)
    except (RuntimeError, AssertionError, ClientAuthenticationError, requests.RequestException) as error:
        print(json.dumps({"name": name, "error": str(error)}), flush=True)
