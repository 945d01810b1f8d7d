"""Every special question, by its name in the path of the API: `POST /api/v1/<name>`."""

from typing import Any

from openrum.query.correlation import CORRELATION
from openrum.query.distribution import DISTRIBUTION
from openrum.query.error_groups import ERROR, ERRORS
from openrum.query.event_list import EVENTS
from openrum.query.funnels import FUNNEL
from openrum.query.http_route import HTTP_ROUTE
from openrum.query.http_routes import HTTP_ROUTES
from openrum.query.impact import IMPACT
from openrum.query.journeys import JOURNEYS
from openrum.query.resources import RESOURCES
from openrum.query.returning import RETURNING
from openrum.query.session_timeline import SESSION
from openrum.query.sessions import SESSIONS
from openrum.query.slowest import SLOWEST
from openrum.query.special import Special
from openrum.query.verdict import VERDICT
from openrum.query.vital_parts import CLS_TARGETS, INP_PARTS, LCP_PARTS
from openrum.query.waterfall import WATERFALL

SPECIAL: dict[str, Special[Any]] = {
    special.name: special
    for special in (
        DISTRIBUTION,
        WATERFALL,
        RESOURCES,
        LCP_PARTS,
        INP_PARTS,
        CLS_TARGETS,
        HTTP_ROUTES,
        HTTP_ROUTE,
        IMPACT,
        SLOWEST,
        SESSIONS,
        SESSION,
        EVENTS,
        ERRORS,
        ERROR,
        JOURNEYS,
        FUNNEL,
        RETURNING,
        CORRELATION,
        VERDICT,
    )
}
