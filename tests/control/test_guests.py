"""Guests: credentials of an hour from an identity pool, good for sending to the pool's monitors and for nothing else."""

import http.client
import json
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from openrum.control.guests import Guests
from openrum.control.secrets import Sealer
from openrum.errors import AccessDenied
from tests.contract.model import SAMPLES
from tests.server import Server

NOW_MS = 1_767_323_045_000
POOL = "us-east-1:0a0a0a0a-0000-4000-8000-000000000009"
ROLE = "arn:aws:iam::000000000000:role/guest"
MONITOR, OTHER = "0a0a0a0a-0000-4000-8000-000000000001", "0a0a0a0a-0000-4000-8000-000000000002"

# ── What is minted ────────────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    now_ms = NOW_MS

    def __call__(self):
        return self.now_ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guests(tmp_path, clock):
    return Guests(Sealer.open(tmp_path), clock)


def refusal(guests, *arguments):
    with pytest.raises(AccessDenied) as refused:
        guests.admit(*arguments)
    return refused.value.code


def test_a_guest_may_send_to_the_monitors_of_its_pool_for_as_long_as_it_lasts(guests, clock):
    minted = guests.mint([MONITOR], 3_600)
    assert guests.secret(minted.access_key_id) == minted.secret_access_key
    key = guests.admit(minted.access_key_id, minted.session_token, MONITOR)
    assert (key.role, key.secret) == ("ingest", minted.secret_access_key)
    assert refusal(guests, minted.access_key_id, minted.session_token, OTHER) == "AccessDeniedException"
    clock.now_ms += 3_599_999
    guests.admit(minted.access_key_id, minted.session_token, MONITOR)
    clock.now_ms += 1
    assert refusal(guests, minted.access_key_id, minted.session_token, MONITOR) == "ExpiredTokenException"


def test_no_token_another_s_token_and_a_changed_token_are_refused(guests):
    minted, another = guests.mint([MONITOR], 900), guests.mint([MONITOR], 900)
    changed = minted.session_token[:-6] + ("A" if minted.session_token[-6] != "A" else "B") + minted.session_token[-5:]
    for token in (None, "", "x", "\0", another.session_token, changed):
        assert refusal(guests, minted.access_key_id, token, MONITOR) == "InvalidClientTokenId"


def test_every_process_with_the_key_file_knows_the_guest_and_no_other(tmp_path, guests, clock):
    minted = guests.mint([MONITOR], 900)
    again = Guests(Sealer.open(tmp_path), clock)
    again.admit(minted.access_key_id, minted.session_token, MONITOR)
    (tmp_path / "other").mkdir()
    other = Guests(Sealer.open(tmp_path / "other"), clock)
    assert other.secret(minted.access_key_id) != minted.secret_access_key
    assert refusal(other, minted.access_key_id, minted.session_token, MONITOR) == "InvalidClientTokenId"


def test_secrets_stand_in_no_text_made_of_credentials(guests):
    minted = guests.mint([MONITOR], 900)
    assert minted.secret_access_key not in repr(minted)
    assert minted.session_token not in repr(minted)


# ── The door, by stock SDKs ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("guests") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def ids(server):
    """Monitors: two share the pool, one of them with a role; the third has none."""
    rum = server.rum()
    pool = {"IdentityPoolId": POOL}
    made = {
        "shop": rum.create_app_monitor(Name="shop", Domain="localhost", AppMonitorConfiguration=pool),
        "blog": rum.create_app_monitor(
            Name="blog", Domain="localhost", AppMonitorConfiguration={**pool, "GuestRoleArn": ROLE}
        ),
        "alone": rum.create_app_monitor(Name="alone", Domain="localhost"),
    }
    return {name: answer["Id"] for name, answer in made.items()}


@pytest.fixture(scope="module")
def aws(server, ids):
    """boto3 for any service, unsigned as a web page."""

    def client(service):
        config = Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})
        return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", config=config)

    return client


def send(server, monitor_id, access_key, secret, token):
    """One batch in the guest's name. The error's code, or None."""
    rum = boto3.client(
        "rum",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
    )
    try:
        rum.put_rum_events(**{**SAMPLES["PutRumEvents"][0], "Id": monitor_id})
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def enhanced(aws, pool):
    cognito = aws("cognito-identity")
    identity = cognito.get_id(IdentityPoolId=pool)["IdentityId"]
    credentials = cognito.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    return credentials["AccessKeyId"], credentials["SecretKey"], credentials["SessionToken"]


def basic(aws, pool, role, **options):
    cognito = aws("cognito-identity")
    token = cognito.get_open_id_token(IdentityId=cognito.get_id(IdentityPoolId=pool)["IdentityId"])["Token"]
    answer = aws("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="cwr", WebIdentityToken=token, **options
    )
    credentials = answer["Credentials"]
    return credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]


def test_the_enhanced_flow_ends_in_credentials_that_may_send(server, ids, aws):
    credentials = enhanced(aws, POOL)
    assert send(server, ids["shop"], *credentials) is None
    assert send(server, ids["blog"], *credentials) is None
    assert send(server, ids["alone"], *credentials) == "AccessDeniedException"


def test_the_basic_flow_ends_in_credentials_for_the_monitors_of_the_role(server, ids, aws):
    credentials = basic(aws, POOL, ROLE, DurationSeconds=900)
    assert send(server, ids["blog"], *credentials) is None
    other_role = basic(aws, POOL, ROLE + "2")
    assert send(server, ids["shop"], *other_role) is None, "it names no role, so any will do"
    assert send(server, ids["blog"], *other_role) == "AccessDeniedException"


def test_a_monitor_s_own_id_serves_as_its_pool(server, ids, aws):
    credentials = enhanced(aws, f"rum.example.com/c?x:{ids['alone']}")
    assert send(server, ids["alone"], *credentials) is None
    assert send(server, ids["shop"], *credentials) == "AccessDeniedException"


def test_a_guest_manages_nothing(server, ids, aws):
    access_key, secret, token = enhanced(aws, POOL)
    rum = boto3.client(
        "rum",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        rum.list_app_monitors()


def test_without_its_token_or_with_another_secret_a_guest_is_nobody(server, ids, aws):
    access_key, secret, token = enhanced(aws, POOL)
    assert send(server, ids["shop"], access_key, secret, None) == "InvalidClientTokenId"
    assert send(server, ids["shop"], access_key, secret[::-1], token) == "InvalidSignatureException"
    assert send(server, ids["shop"], "ASIA" + "A" * 16, "x", token) == "InvalidSignatureException"


def test_a_pool_that_nobody_names_is_not_there(aws):
    cognito = aws("cognito-identity")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.get_id(IdentityPoolId=POOL[:-1] + "8")
    with pytest.raises(ClientError, match="ValidationException"):
        cognito.get_id(IdentityPoolId="us-east-1:abc")


def test_a_web_identity_that_is_none_is_refused_in_the_form_of_sts(aws):
    sts = aws("sts")
    for members in ({"WebIdentityToken": "none"}, {"WebIdentityToken": "none", "DurationSeconds": 900}):
        with pytest.raises(ClientError, match="WebIdentityToken"):
            sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="cwr", **members)
    with pytest.raises(ClientError, match="the only one"):
        sts.get_caller_identity()


# ── The door, by hand ─────────────────────────────────────────────────────────────────────────────────────────────


def ask(server, method="POST", path="/", body=b"", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def test_a_page_of_any_origin_may_ask_and_read_the_answer(server, ids):
    status, headers, _ = ask(
        server, "OPTIONS", Origin="https://shop.example", Access_Control_Request_Headers="content-type,x-amz-target"
    )
    assert status == 200
    assert headers["access-control-allow-origin"] == "*"
    assert {"content-type", "x-amz-target"} <= set(headers["access-control-allow-headers"].split(", "))
    for body in (json.dumps({"IdentityPoolId": POOL}).encode(), b"{"):
        target = "AWSCognitoIdentityService.GetId"
        _, headers, _ = ask(server, body=body, Origin="https://shop.example", X_Amz_Target=target)
        assert headers["access-control-allow-origin"] == "*"
        assert "content-length" in headers, "in one piece: the client reads the first chunk alone"


@pytest.mark.parametrize("path", ["/", "/c?x=.amazonaws.com/"])
def test_the_documented_forms_of_a_pool_s_id_lead_here(server, ids, path):
    body = json.dumps({"IdentityPoolId": POOL}).encode()
    status, _, answer = ask(server, path=path, body=body, X_Amz_Target="AWSCognitoIdentityService.GetId")
    assert (status, json.loads(answer)) == (200, {"IdentityId": POOL})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"IdentityPoolId": 7}', b'{"IdentityId": null}', b'"x"'])
@pytest.mark.parametrize("operation", ["GetId", "GetCredentialsForIdentity", "GetOpenIdToken", "Delete", ""])
def test_what_cognito_is_asked_wrongly_it_answers_with_400(server, body, operation):
    status, _, answer = ask(server, body=body, X_Amz_Target=f"AWSCognitoIdentityService.{operation}")
    assert status == 400
    assert json.loads(answer)["__type"] == "ValidationException"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Action": "x"},
        {"Action": "<b>"},
        {"DurationSeconds": "1"},
        {"DurationSeconds": "9" * 99},
        {"DurationSeconds": "²"},
    ],
)
def test_what_sts_is_asked_wrongly_it_answers_with_xml_that_can_be_read(server, members):
    form = urlencode({"Action": "AssumeRoleWithWebIdentity", **members}).encode()
    status, headers, answer = ask(server, body=form, Content_Type="application/x-www-form-urlencoded")
    assert (status, headers["content-type"]) == (400, "text/xml")
    tree = ET.fromstring(answer)
    assert tree.find("{*}Error/{*}Code").text == "ValidationException"
    assert tree.find("{*}Error/{*}Type").text == "Sender"
