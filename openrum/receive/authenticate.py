"""Who sends a batch, and whether they may. Knows access keys and resource policies; sees nothing of the events.

    signed      the signature must be right and the key's role admin or ingest, or the key a guest's whose session is for
                this monitor; a Deny in the monitor's policy refuses it all the same
    unsigned    a statement of the monitor's policy must allow it, and none deny it

The question is put in two halves, because a policy may look at the batch's alias: `find_signer` before the body is read
as JSON, so that a stranger's JSON is not even looked at where no stranger may send; `check_allowed` after.
"""

from collections.abc import Callable
from typing import Protocol

from openrum.aws import policy, sigv4
from openrum.aws.policy import Decision
from openrum.aws.sigv4 import SignedBy, SignedRequest
from openrum.errors import AccessDenied
from openrum.receive.ports import Guests, Key, Keys, Monitor
from openrum.receive.request import Request

_ACTION = "rum:PutRumEvents"
_ROLES = ("admin", "ingest")


class Gate(Protocol):
    """Who may pass."""

    async def find_signer(self, request: Request, wire: bytes, monitor: Monitor) -> Key | None:
        """The access key that signed; None for an unsigned request that may still be allowed. Else AccessDenied."""

    def check_allowed(self, request: Request, signer: Key | None, monitor: Monitor, alias: str | None) -> None:
        """Raise AccessDenied for a batch that may not pass."""


class OpenGate:
    """`--auth off`: everyone may, whatever they sign."""

    async def find_signer(self, request: Request, wire: bytes, monitor: Monitor) -> None:
        """Nobody is asked."""

    def check_allowed(self, request: Request, signer: Key | None, monitor: Monitor, alias: str | None) -> None:
        """Everything is allowed."""


class GuardedGate:
    """Asks signatures and policies. `region` None takes any in a signature's scope; `skew_s` may its date be off."""

    def __init__(
        self, keys: Keys, guests: Guests, now_ms: Callable[[], int], *, skew_s: int, region: str | None
    ) -> None:
        self._keys = keys
        self._guests = guests
        self._now_ms = now_ms
        self._skew_s = skew_s
        self._region = region

    async def find_signer(self, request: Request, wire: bytes, monitor: Monitor) -> Key | None:
        """See Gate."""
        if sigv4.is_signed(request.sent_headers, request.raw_query):
            return await self._signer(request.signed_part(wire), monitor)
        if monitor.policy is None:
            raise _unsigned()
        return None

    def check_allowed(self, request: Request, signer: Key | None, monitor: Monitor, alias: str | None) -> None:
        """See Gate. The alias comes from the batch that is stored: what the policy sees is what is kept."""
        if monitor.policy is None:
            return  # it is signed: `find_signer` lets nothing else come here
        principal = signer.id if signer else None
        decision = monitor.policy.decide_for(principal, _ACTION, monitor.arn)
        if decision is None:
            asked = policy.Request(principal, _ACTION, monitor.arn, _context(request, alias))
            decision = monitor.policy.decide(asked)
        if decision is Decision.DENY:
            raise AccessDenied("the resource policy of this app monitor denies the request")
        if decision is Decision.NO_MATCH and signer is None:
            raise _unsigned()

    async def _signer(self, request: SignedRequest, monitor: Monitor) -> Key:
        unknown: list[str] = []

        def secret_in_memory(access_key_id: str) -> str | None:
            key = self._keys.get(access_key_id)
            if key is not None:
                return key.secret
            secret = self._guests.secret(access_key_id)
            if secret is None:
                unknown.append(access_key_id)
            return secret

        try:
            signed_by = self._verify(request, secret_in_memory)
            key = self._keys.get(signed_by.access_key_id)
        except AccessDenied:
            key = await self._keys.find(unknown[0]) if unknown else None
            if key is None:
                raise
            secret = key.secret
            signed_by = self._verify(request, lambda _: secret)
        if key is None:
            key = self._guests.admit(signed_by.access_key_id, signed_by.session_token, monitor.id)
        if key.role not in _ROLES:
            raise AccessDenied(f"this access key may not send events; that takes the role {' or '.join(_ROLES)}")
        return key

    def _verify(self, request: SignedRequest, secret_of: Callable[[str], str | None]) -> SignedBy:
        return sigv4.verify(request, secret_of, self._now_ms(), skew_s=self._skew_s, region=self._region)


def _context(request: Request, alias: str | None) -> dict[str, tuple[str]]:
    """The condition keys that a policy may ask for. One that the request says nothing of is missing, not empty."""
    said = {
        "rum:alias": alias,
        "aws:sourceip": request.address,
        "aws:referer": request.text(b"referer"),
        "aws:useragent": request.text(b"user-agent"),
    }
    return {key: (value,) for key, value in said.items() if value is not None}


def _unsigned() -> AccessDenied:
    return AccessDenied(
        "the request is not signed, and no resource policy of this app monitor allows that",
        code="MissingAuthenticationTokenException",
    )
