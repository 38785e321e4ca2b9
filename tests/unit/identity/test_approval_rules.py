"""What is approved, as one digest."""

import json

from identity.approvals.service import Subject
from kernel.ids import uuid7

KIND = "tests.thing"


def test_the_digest_does_not_depend_on_the_order_of_fields():
    one = Subject(kind=KIND, resource_id=uuid7(), summary=json.loads('{"a": "1", "b": {"c": "2", "d": "3"}}'))
    same = Subject(kind=KIND, resource_id=one.resource_id, summary=json.loads('{"b": {"d": "3", "c": "2"}, "a": "1"}'))
    assert one.digest == same.digest
    for other in (
        Subject(kind="tests.other", resource_id=one.resource_id, summary=one.summary),
        Subject(kind=KIND, resource_id=uuid7(), summary=one.summary),
        Subject(kind=KIND, resource_id=one.resource_id, summary=one.summary, version=2),
        Subject(kind=KIND, resource_id=one.resource_id, summary={**one.summary, "a": 1}),
    ):
        assert other.digest != one.digest
