"""schemathesis over the whole OpenAPI document, as each role and as nobody, with data that fits and data that does not.

A bounded slice of it; the full count belongs to `./run prove fuzz`, on the whole running product. Here the engine and the simulator are
away, so that a route may say 503 in words of its own; a fault of ours (500) is never an answer.
"""

from __future__ import annotations

import itertools
import json

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from identity.principals.states import Role
from kernel.settings import Mode, Settings
from rivermouth import openapi
from rivermouth.http import create_app

APP = create_app(Settings(mode=Mode.SANDBOX))
SCHEMA = schemathesis.openapi.from_dict(APP.openapi())
SCHEMA.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
OURS = {
    "simulator_unavailable",
    "chain_unavailable",
    "quotes_unavailable",
    "stats_unavailable",
    "mail_links_not_configured",
    "wallet_not_configured",
    "unavailable",
    "price_not_shown",
    -1001,
}


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context, value):
    """One value per line, whatever the value is."""
    rows = value if isinstance(value, list) else [value]
    return "\n".join(row if isinstance(row, str) else json.dumps(row, default=str) for row in rows).encode(
        "utf-8", "replace"
    )


# A lasting effect on the other cases: this ends the session, that moves everybody's clock.
FUZZED = SCHEMA.exclude(path="/v1/sessions/current").exclude(path="/v1/sandbox/clock", method="POST")


def refuse_faults(context, response, case):
    """500 never; 503 only where a part that is away here says so itself."""
    if response.status_code >= 500:
        code = response.json().get("code")
        ready = case.operation.path == "/readyz"
        assert response.status_code == 503, response.text
        assert code in OURS or ready, response.text


OPEN = {(method, path) for method, path, demands in openapi.routes(APP) if not demands}
NOBODY = "nobody"
TURNS = itertools.cycle([*sorted(Role), NOBODY])
"""Each operation is asked by everybody in turn."""


@FUZZED.parametrize()
@settings(
    max_examples=9,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_a_fault_or_undocumented(case, house):
    who = next(TURNS)
    for name in ("Authorization", "Rivermouth-Key", "Cookie"):
        case.headers.pop(name, None)  # what was made up for them
    case.cookies.clear()
    known = {} if who == NOBODY else house.auth(who)
    response = case.call(base_url=str(house.client.base_url), headers=known, timeout=30)
    case.validate_response(
        response,
        checks=[refuse_faults, status_code_conformance, content_type_conformance, response_schema_conformance],
        excluded_checks=[not_a_server_error],
    )
    if who == NOBODY and (case.method.upper(), case.operation.path) not in OPEN:
        assert response.status_code >= 400, response.text
        assert response.json()["code"] in {"unauthorized", "invalid_request", "method_not_allowed", "not_found"}, (
            response.text
        )
