"""The routes of this room, on one screen."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from openrum.serve.api import Api
from openrum.serve.client_files import ClientFiles
from openrum.serve.console_files import ConsoleFiles
from openrum.serve.doors import routes
from openrum.serve.health import Health
from openrum.serve.openapi import openapi
from openrum.serve.questions_api import QuestionsApi


def console(
    api: Api,
    questions: QuestionsApi,
    others: Sequence[object],
    health: Health,
    client: ClientFiles,
    files: ConsoleFiles,
    *,
    more: Sequence[BaseRoute],
) -> Starlette:
    """The application. `others` are those whose methods the table of doors names beside these; `more` are routes of the demo."""

    async def home(_request: Request) -> Response:
        return RedirectResponse("/console/")

    return Starlette(
        routes=[
            *routes(api, questions, [*others, health]),
            Route("/api/v1/openapi.json", openapi, methods=["GET"]),
            Route("/healthz", health.healthz, methods=["GET"]),
            Route("/readyz", health.readyz, methods=["GET"]),
            Route("/metrics", health.metrics, methods=["GET"]),
            Route("/client/{pin}/cwr.js", client.serve, methods=["GET"]),
            Route("/console/{path:path}", files.serve, methods=["GET"]),
            Route("/", home, methods=["GET"]),
            *more,
        ]
    )
