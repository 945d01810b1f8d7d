"""The routes of this room, on one screen."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from openrum.query.catalogue import SPECIAL
from openrum.serve.api import Api
from openrum.serve.client_files import ClientFiles
from openrum.serve.console_files import ConsoleFiles
from openrum.serve.data_api import DataApi
from openrum.serve.health import Health
from openrum.serve.questions_api import QuestionsApi
from openrum.serve.sign_in import SignIn
from openrum.serve.users_api import UsersApi


def console(
    api: Api,
    questions: QuestionsApi,
    data: DataApi,
    sign_in: SignIn,
    users: UsersApi,
    health: Health,
    client: ClientFiles,
    files: ConsoleFiles,
    *,
    more: Sequence[BaseRoute],
) -> Starlette:
    """The application. `more` are routes of the demo."""

    async def home(_request: Request) -> Response:
        return RedirectResponse("/console/")

    return Starlette(
        routes=[
            Route("/api/v1/query", api.guarded(questions.query), methods=["POST"]),
            Route("/api/v1/sql", api.guarded(questions.sql), methods=["POST"]),
            Route("/api/v1/monitors", api.guarded(questions.monitors), methods=["GET"]),
            Route("/api/v1/vocabulary", api.guarded(questions.vocabulary), methods=["GET"]),
            Route("/api/v1/sessions/{session}", api.guarded(questions.special("session")), methods=["GET"]),
            *(
                Route(f"/api/v1/{name}", api.guarded(questions.special(name)), methods=["GET", "POST"])
                for name in SPECIAL
            ),
            Route("/api/v1/ledger", api.guarded(api.ledger), methods=["GET"]),
            Route("/api/v1/export", api.guarded(data.export), methods=["GET"]),
            Route("/api/v1/forget", api.guarded_for_admins(data.forget), methods=["POST"]),
            Route("/api/v1/sign-in", api.answered(sign_in.sign_in), methods=["POST"]),
            Route("/api/v1/sign-out", api.answered(sign_in.sign_out), methods=["POST"]),
            Route("/api/v1/me", api.guarded(sign_in.me), methods=["GET"]),
            Route("/api/v1/password", api.guarded(sign_in.password), methods=["POST"]),
            Route("/api/v1/users", api.guarded_for_admins(users.list), methods=["GET"]),
            Route("/api/v1/users", api.guarded_for_admins(users.create), methods=["POST"]),
            Route("/api/v1/users/{name}", api.guarded_for_admins(users.change), methods=["PATCH"]),
            Route("/api/v1/users/{name}", api.guarded_for_admins(users.remove), methods=["DELETE"]),
            Route("/healthz", health.healthz, methods=["GET"]),
            Route("/readyz", health.readyz, methods=["GET"]),
            Route("/metrics", health.metrics, methods=["GET"]),
            Route("/client/{pin}/cwr.js", client.serve, methods=["GET"]),
            Route("/console/{path:path}", files.serve, methods=["GET"]),
            Route("/", home, methods=["GET"]),
            *more,
        ]
    )
