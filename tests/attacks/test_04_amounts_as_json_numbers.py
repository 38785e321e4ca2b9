"""0.1 + 0.2 as a JSON number is 0.30000000000000004 to one reader and 0.3 to another: every field of money takes text, and nothing else.

Fields and routes are found in the OpenAPI document, so that a new one is tried by itself.
"""

import json

import pytest

from identity.permissions import permissions_of
from identity.principals.states import Role
from kernel.settings import Mode, Settings
from rivermouth import openapi
from rivermouth.http import create_app
from tests.openapi_bodies import Document

APP = create_app(Settings(mode=Mode.SANDBOX))
DOCUMENT = Document(APP.openapi())
DEMANDS = {(method, path): demands for method, path, demands in openapi.routes(APP)}
WITH_MONEY = [
    (method, path, operation, list(DOCUMENT.amounts(DOCUMENT.schema(operation))))
    for method, path, operation in DOCUMENT.operations()
]
WITH_MONEY = [found for found in WITH_MONEY if found[3]]
NUMBERS = (0.1 + 0.2, 1)
TEXTS = ("0.3", "1", "100")


def may(method, path):
    """Somebody who may do this."""
    return next(role for role in Role if permissions_of([role]) >= (DEMANDS[method, path] or frozenset()))


def complaints(house, method, path, operation, body):
    """The places that were wrong when the body was read; what a use case says later is not of interest."""
    where, query = DOCUMENT.address(path, operation)
    answer = house.client.request(
        method, where, params=query, content=json.dumps(body), headers=house.auth(may(method, path)) | {"Content-Type": "application/json"}
    )  # fmt: skip
    assert answer.status_code != 500, answer.text
    said = answer.json().get("errors", ()) if answer.is_client_error else ()
    return [tuple(one["field"].split(".")) for one in said if one["field"].startswith("body.")]


def names(complaint, place):
    """Whether it is about this place: its steps in their order, with names of branches between them."""
    steps = iter(complaint)
    return all(step in steps for step in place.path)


def test_04_the_document_knows_money_from_numbers():
    """No field of any request is a number with a point: whatever is an amount is one of the places below."""
    assert len(WITH_MONEY) > 30
    assert [
        (method, path)
        for method, path, operation in DOCUMENT.operations()
        if "number" in DOCUMENT.kinds(DOCUMENT.schema(operation))
    ] == []


@pytest.mark.parametrize(
    ("method", "path", "operation", "places"), WITH_MONEY, ids=[f"{m} {p}" for m, p, *_ in WITH_MONEY]
)
def test_04_a_number_is_refused_where_a_text_is_read(house, method, path, operation, places):
    for place in places:

        def refused(value, place=place):
            return any(names(one, place) for one in complaints(house, method, path, operation, place.body(value)))

        assert all(refused(number) for number in NUMBERS), place.path
        assert not all(refused(text) for text in TEXTS), (
            place.path,
            "no text is read here: what is refused above proves nothing",
        )
