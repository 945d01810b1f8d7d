"""Every error OpenRUM can answer with, and nothing else: no HTTP, no logging, no rooms.

    OpenRumError
    ├── ClientError                      the request is at fault; sending it again changes nothing
    │   ├── ValidationError              400  a value breaks a rule of the API model
    │   ├── SerializationError           400  not JSON, or JSON of the wrong types
    │   ├── MalformedPolicyDocument      400
    │   ├── InvalidPolicyRevisionId      400
    │   ├── PolicySizeLimitExceeded      400
    │   ├── ServiceQuotaExceeded         402
    │   ├── AccessDenied                 403  (MissingAuthenticationToken, InvalidSignature, …: see `code`)
    │   │   └── ForeignOrigin            403
    │   ├── ResourceNotFound             404
    │   ├── PolicyNotFound               404
    │   ├── MethodNotAllowed             405
    │   ├── Conflict                     409
    │   ├── PayloadTooLarge              413
    │   └── UnsupportedMediaType         415
    ├── Throttled                        429  ours or theirs: try again after `retry_after_s`
    └── ServerError                      the request may be fine; the sender should try again
        ├── Unavailable                  503  try again after `retry_after_s`
        └── InternalError                500

The web client switches itself off for the life of a page on 403 and 404 and drops the batch on any other 4xx, but
retries 429 and 5xx. So trouble of our own is a `ServerError` or `Throttled`, never a `ClientError`.

`code` is the name on the wire (`x-amzn-ErrorType`), as in the API model of CloudWatch RUM; `extra` holds the modelled
members beside `message`; `refusal` is the reason under which the ledger counts it at the door of PutRumEvents.
"""

from typing import Any, ClassVar

from openrum.outcomes import Reason


class OpenRumError(Exception):
    """The root: an HTTP status, a name on the wire, and a message that says what was wrong and what to do."""

    status: ClassVar[int] = 500
    code: str = "InternalServerException"
    refusal: ClassVar[Reason] = Reason.UNAVAILABLE
    retry_after_s: int | None = None

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class ClientError(OpenRumError):
    """The request itself is at fault."""

    status = 400
    code = "ValidationException"
    refusal = Reason.INVALID


class ValidationError(ClientError):
    """A value breaks a rule of the API model. The message names the field and the rule."""


class SerializationError(ClientError):
    """The body is not JSON, or a member has the wrong JSON type."""

    code = "SerializationException"
    refusal = Reason.MALFORMED


class MalformedPolicyDocument(ClientError):
    """The policy document is not one that IAM would accept."""

    code = "MalformedPolicyDocumentException"


class InvalidPolicyRevisionId(ClientError):
    """The given revision is not the policy's current one."""

    code = "InvalidPolicyRevisionIdException"


class PolicySizeLimitExceeded(ClientError):
    """The policy document is over its bound."""

    code = "PolicySizeLimitExceededException"


class ServiceQuotaExceeded(ClientError):
    """A quota of the account is used up."""

    status = 402
    code = "ServiceQuotaExceededException"


class AccessDenied(ClientError):
    """Not allowed. `code` may be narrower than AccessDeniedException, as AWS's own front door answers."""

    status = 403
    code = "AccessDeniedException"
    refusal = Reason.ACCESS_DENIED

    def __init__(self, message: str, *, code: str = "AccessDeniedException", **extra: Any) -> None:
        super().__init__(message, **extra)
        self.code = code


class ForeignOrigin(AccessDenied):
    """The browser's Origin is not one of the monitor's domains."""

    refusal = Reason.FOREIGN_ORIGIN


class ResourceNotFound(ClientError):
    """No such resource. The model requires `resourceName`; `resourceType` says of what kind."""

    status = 404
    code = "ResourceNotFoundException"
    refusal = Reason.UNKNOWN_MONITOR

    def __init__(self, message: str, *, resource_name: str, resource_type: str = "AppMonitor") -> None:
        super().__init__(message, resourceName=resource_name, resourceType=resource_type)


class PolicyNotFound(ClientError):
    """The monitor has no resource policy."""

    status = 404
    code = "PolicyNotFoundException"


class MethodNotAllowed(ClientError):
    """The path exists, the method does not."""

    status = 405
    code = "MethodNotAllowedException"


class Conflict(ClientError):
    """The resource exists already, or is in a state that forbids the call."""

    status = 409
    code = "ConflictException"

    def __init__(self, message: str, *, resource_name: str, resource_type: str = "AppMonitor") -> None:
        super().__init__(message, resourceName=resource_name, resourceType=resource_type)


class PayloadTooLarge(ClientError):
    """The body is over its bound, on the wire or unpacked."""

    status = 413
    code = "RequestEntityTooLargeException"
    refusal = Reason.TOO_LARGE


class UnsupportedMediaType(ClientError):
    """A Content-Type or Content-Encoding that this door does not read."""

    status = 415
    code = "UnsupportedMediaTypeException"
    refusal = Reason.MALFORMED


class Throttled(OpenRumError):
    """Too much at once: of one monitor's quota, or of the memory set aside for bodies in flight."""

    status = 429
    code = "ThrottlingException"
    refusal = Reason.THROTTLED

    def __init__(self, message: str, *, retry_after_s: int = 1, quota_code: str = "PutRumEvents") -> None:
        super().__init__(message, serviceCode="rum", quotaCode=quota_code)
        self.retry_after_s = retry_after_s


class ServerError(OpenRumError):
    """Our own trouble."""


class Unavailable(ServerError):
    """Cannot be done now (disk full, shutting down, …); the same request may succeed later."""

    status = 503
    code = "ServiceUnavailableException"

    def __init__(self, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InternalError(ServerError):
    """A defect of ours. What is known stands in the log under the request id, never in the answer."""

    def __init__(self, message: str = "Internal error. The log has the details under this request's id.") -> None:
        super().__init__(message)
        self.retry_after_s = 5
