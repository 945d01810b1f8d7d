"""Every door of /api/v1 in one table: what is asked there, what it answers, and who may. Routes and openapi.json are made of it.

A door names the method that answers it; the method's docstring is its description. It knows no request and no answer itself.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from openrum.query.catalogue import SPECIAL
from openrum.query.question import QuestionForm
from openrum.serve import answer_forms as told
from openrum.serve import monitor_forms as forms
from openrum.serve.api import Api
from openrum.serve.data_api import DataApi, ForgetForm
from openrum.serve.guard import ADMINS, READERS
from openrum.serve.health import Health
from openrum.serve.keys_api import KeysAnswer, KeysApi, NewKeyForm, NewKeyTold
from openrum.serve.metrics_api import MetricsApi
from openrum.serve.monitors_api import MonitorsApi
from openrum.serve.questions_api import QuestionsApi, ScrapeForm, SqlForm
from openrum.serve.replay_api import ReplayApi
from openrum.serve.saved_queries_api import RemovedQueryForm, SavedQueriesApi, SavedQueryForm
from openrum.serve.sign_in import PasswordForm, SignIn, SignInForm, SignOutForm
from openrum.serve.users_api import ChangedUserForm, NewUserForm, UsersApi

Answering = Callable[[Any, Request], Awaitable[Response]]
"""A method of one of the classes above, not bound to any."""

EVERYONE: frozenset[str] = frozenset()
"""Who may ask where nobody need be signed in."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way to ask. `form` is its body as JSON; of a GET its query string, in which lists are JSON."""

    method: str
    path: str
    endpoint: Answering
    answer: type
    form: type | None = None
    who: frozenset[str] = READERS
    status: int = 200
    media: str = "application/json"


DOORS: tuple[Door, ...] = (
    Door("POST", "/api/v1/query", QuestionsApi.query, told.QuestionAnswer, QuestionForm),
    Door("GET", "/api/v1/prometheus", QuestionsApi.prometheus, str, ScrapeForm, media="text/plain"),
    Door("POST", "/api/v1/sql", QuestionsApi.sql, told.SqlAnswer, SqlForm),
    Door("GET", "/api/v1/vocabulary", QuestionsApi.vocabulary, told.VocabularyAnswer),
    Door("GET", "/api/v1/ledger", Api.ledger, told.LedgerAnswer, told.LedgerAsked),
    Door("GET", "/api/v1/health", Health.health, told.HealthAnswer),
    Door("GET", "/api/v1/saved-queries", SavedQueriesApi.list, told.SavedQueriesAnswer),
    Door("PUT", "/api/v1/saved-queries", SavedQueriesApi.save, told.Nothing, SavedQueryForm),
    Door("DELETE", "/api/v1/saved-queries", SavedQueriesApi.remove, told.Nothing, RemovedQueryForm),
    Door("GET", "/api/v1/export", DataApi.export, told.DatesAnswer, told.ExportAsked),
    Door("GET", "/api/v1/replay", ReplayApi.replay, told.ReplayAnswer, told.ReplayAsked),
    Door("POST", "/api/v1/forget", DataApi.forget, told.Receipt, ForgetForm, ADMINS),
    Door("POST", "/api/v1/sign-in", SignIn.sign_in, told.Who, SignInForm, EVERYONE),
    Door("POST", "/api/v1/sign-out", SignIn.sign_out, told.Ended, SignOutForm, EVERYONE),
    Door("GET", "/api/v1/me", SignIn.me, told.Who),
    Door("POST", "/api/v1/password", SignIn.password, told.Who, PasswordForm),
    Door("GET", "/api/v1/users", UsersApi.list, told.UsersAnswer, None, ADMINS),
    Door("POST", "/api/v1/users", UsersApi.create, told.NewUser, NewUserForm, ADMINS, 201),
    Door("PATCH", "/api/v1/users/{name}", UsersApi.change, told.Nothing, ChangedUserForm, ADMINS),
    Door("DELETE", "/api/v1/users/{name}", UsersApi.remove, told.Nothing, None, ADMINS),
    Door("GET", "/api/v1/monitors", MonitorsApi.monitors, forms.MonitorsAnswer),
    Door("POST", "/api/v1/monitors", MonitorsApi.create, forms.MonitorAnswer, forms.NewMonitorForm, ADMINS, 201),
    Door("GET", "/api/v1/monitors/{name}", MonitorsApi.monitor, forms.MonitorAnswer),
    Door("PATCH", "/api/v1/monitors/{name}", MonitorsApi.change, forms.MonitorAnswer, forms.SettingsForm, ADMINS),
    Door("DELETE", "/api/v1/monitors/{name}", MonitorsApi.remove, told.Nothing, None, ADMINS),
    Door("PUT", "/api/v1/monitors/{name}/policy", MonitorsApi.policy, forms.MonitorAnswer, forms.PolicyForm, ADMINS),
    Door("PATCH", "/api/v1/monitors/{name}/rules", MonitorsApi.rules, forms.MonitorAnswer, forms.RulesForm, ADMINS),
    Door(
        "POST", "/api/v1/monitors/{name}/try-rules", MonitorsApi.try_rules, forms.TriedRulesAnswer, forms.TriedRulesForm
    ),
    Door("PUT", "/api/v1/monitors/{name}/tags", MonitorsApi.tags, forms.MonitorAnswer, forms.TagsForm, ADMINS),
    Door("POST", "/api/v1/monitors/{name}/test-event", MonitorsApi.test_event, forms.TestEventAnswer, None, ADMINS),
    Door("GET", "/api/v1/monitors/{name}/metrics", MetricsApi.definitions, forms.MetricsAnswer),
    Door("POST", "/api/v1/monitors/{name}/metrics", MetricsApi.define, forms.MetricTold, forms.MetricForm, ADMINS, 201),
    Door("DELETE", "/api/v1/monitors/{name}/metrics/{id}", MetricsApi.drop, told.Nothing, None, ADMINS),
    Door("GET", "/api/v1/keys", KeysApi.keys, KeysAnswer, None, ADMINS),
    Door("POST", "/api/v1/keys", KeysApi.issue, NewKeyTold, NewKeyForm, ADMINS, 201),
    Door("DELETE", "/api/v1/keys/{id}", KeysApi.revoke, told.Nothing, None, ADMINS),
)


def routes(api: Api, questions: QuestionsApi, others: Sequence[object]) -> Iterator[Route]:
    """The routes of /api/v1, each behind its sign-in. `others` are those whose methods the table names."""
    parts = [api, questions, *others]
    for door in DOORS:
        name = door.endpoint.__name__
        part = next(each for each in parts if getattr(type(each), name, None) is door.endpoint)
        endpoint = getattr(part, name)
        guarded = api.answered(endpoint) if door.who == EVERYONE else api.guarded(endpoint, door.who)
        yield Route(door.path, guarded, methods=[door.method])
    yield Route("/api/v1/sessions/{session}", api.guarded(questions.special("session")), methods=["GET"])
    for name in SPECIAL:
        yield Route(f"/api/v1/{name}", api.guarded(questions.special(name)), methods=["GET", "POST"])
