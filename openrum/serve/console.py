"""The routes of this room, on one screen."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from openrum.serve.api import Api
from openrum.serve.client_files import ClientFiles
from openrum.serve.data_api import DataApi
from openrum.serve.health import Health


def console(
    api: Api, data: DataApi, health: Health, client: ClientFiles, *, more: Sequence[BaseRoute], front: str
) -> Starlette:
    """The application. `more` are routes of the demo; `/` leads to `front`, where that is not empty."""

    async def home(_request: Request) -> Response:
        if front:
            return RedirectResponse(front)
        return PlainTextResponse("OpenRUM is running. README.md tells how to point a client at it.\n")

    return Starlette(
        routes=[
            Route("/api/v1/query", api.guarded(api.query), methods=["POST"]),
            Route("/api/v1/sql", api.guarded(api.sql), methods=["POST"]),
            Route("/api/v1/ledger", api.guarded(api.ledger), methods=["GET"]),
            Route("/api/v1/export", api.guarded(data.export), methods=["GET"]),
            Route("/api/v1/forget", api.guarded_for_admins(data.forget), methods=["POST"]),
            Route("/healthz", health.healthz, methods=["GET"]),
            Route("/readyz", health.readyz, methods=["GET"]),
            Route("/metrics", health.metrics, methods=["GET"]),
            Route("/client/{pin}/cwr.js", client.serve, methods=["GET"]),
            Route("/", home, methods=["GET"]),
            *more,
        ]
    )
