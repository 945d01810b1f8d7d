"""What OpenRUM signs is what botocore signs, to the letter, and what its own door takes."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

from openrum.aws.signing import sign
from openrum.aws.sigv4 import SignedBy, SignedRequest, verify
from openrum.errors import AccessDenied

KEY, SECRET, REGION = "AKIAEXAMPLE234567ABC", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1"
NOW_MS = 1_767_323_045_678
PATH = "/appmonitors/0a0a0a0a-0000-4000-8000-000000000001/"
JSON = {"Content-Type": "application/json"}


def signed(method="POST", host="127.0.0.1:8080", path=PATH, headers=JSON, body=b"{}", now_ms=NOW_MS, secret=SECRET):
    return sign(method, host, path, headers, body, key_id=KEY, secret=secret, region=REGION, now_ms=now_ms)


def arriving(headers, method="POST", path=PATH, body=b"{}"):
    """The request as a server hands it over."""
    raw_path, _, raw_query = path.encode().partition(b"?")
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return SignedRequest(method, raw_path, raw_query, pairs, body)


def taken(request, now_ms=NOW_MS):
    return verify(request, {KEY: SECRET}.get, now_ms, skew_s=900, region=REGION)


_PATHS = st.text(max_size=30).map(lambda text: "/" + quote(text, safe="/~"))
_QUERIES = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=3).map(
    lambda pairs: "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs.items())
)
_NAMES = st.from_regex(r"X-[a-zA-Z]{1,8}", fullmatch=True).filter(lambda name: not name.lower().startswith("x-amz"))
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
_HEADERS = st.dictionaries(_NAMES, _VALUES, max_size=3).filter(
    lambda headers: len({name.lower() for name in headers}) == len(headers)
)


@given(_PATHS, _QUERIES, _HEADERS, st.binary(max_size=64), st.sampled_from(["GET", "POST", "PATCH"]))
@example("/", "", {}, b"", "GET")
@example(PATH, "", {"X-Custom": "  two   spaces "}, b'{"BatchId": "\xc3\xa9"}', "POST")
def test_it_signs_as_botocore_does_and_the_door_takes_it(path, query, headers, body, method):
    target = f"{path}?{query}" if query else path
    sent = {**JSON, **headers}
    request = AWSRequest(method, f"http://localhost:8080{target}", data=body, headers=dict(sent))
    request.headers["X-Amz-Content-Sha256"] = hashlib.sha256(body).hexdigest()
    SigV4Auth(Credentials(KEY, SECRET), "rum", REGION).add_auth(request)
    signed_at = datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    now_ms = int(signed_at.timestamp()) * 1000 + 999

    added = signed(method, "localhost:8080", target, sent, body, now_ms)
    assert added["Authorization"] == request.headers["Authorization"]
    arrived = arriving({**sent, **added}, method, target, body)
    assert taken(arrived, now_ms) == SignedBy(KEY, None, REGION)


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"{} "},
        {"method": "PUT"},
        {"path": PATH.removesuffix("/") + "1/"},
        {"path": PATH + "?x=1"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed):
    headers = {**JSON, **signed()}
    assert taken(arriving(headers)).access_key_id == KEY
    with pytest.raises(AccessDenied):
        taken(arriving(headers, **changed))


def test_another_secret_and_another_header_are_refused():
    with pytest.raises(AccessDenied, match="does not match"):
        taken(arriving({**JSON, **signed(secret=SECRET[::-1])}))
    with pytest.raises(AccessDenied, match="does not match"):
        taken(arriving({**JSON, **signed(), "Content-Type": "text/plain"}))
