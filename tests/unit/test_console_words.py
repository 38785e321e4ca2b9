"""Whatever the console has to name by a word of ours has its words in both languages, so that the next kind cannot be forgotten."""

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

import identity.people.states
from earn.coupons.states import Unusable
from notices.states import LETTERS, Kind
from notices.webhooks.states import EventKind

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "consoles/app/src/i18n"
LANGUAGES = ("en", "zh")
PEOPLE = "identity.people.subjects"


def texts(language, face):
    return json.loads((TEXTS / language / f"{face}.json").read_text())


def subjects():
    """(module, tree) of each file that makes what a second person decides on."""
    for path in sorted(
        path
        for room in ("identity", "payments", "wallet_bridge", "broker", "lending", "earn", "notices")
        for path in (ROOT / room).rglob("*.py")
    ):
        tree = ast.parse(path.read_text())
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
        if any(call.func.id == "Subject" for call in calls):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if not module.startswith("identity.approvals."):
                yield module, tree


def kinds(module):
    return set(identity.people.states.Change) if module == PEOPLE else {importlib.import_module(module).KIND}


def fields(tree):
    """The names of what is asked for: keys and lists of names in the functions that make subjects."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        called = {
            node.func.id
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if called & {"Subject", "_subject"} and (
            function.name in {"subject", "_subject"} or "Subject" in ast.unparse(function.returns)
        ):
            for node in ast.walk(function):
                names = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Tuple) else []
                yield from (
                    name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)
                )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_notice_that_somebody_may_choose_has_a_name(language):
    assert texts(language, "inbox")["kind"].keys() == {kind.value for kind in Kind} - {kind.value for kind in LETTERS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_that_a_webhook_may_want_can_be_chosen_and_has_a_name(language):
    assert texts(language, "programs")["event"].keys() == {kind.value.replace(".", "_", 1) for kind in EventKind}
    offered = (ROOT / "consoles/app/src/faces/programs/webhooks/kinds.ts").read_text()
    assert {kind for kind in EventKind if f'"{kind}"' not in offered} == {EventKind.WEBHOOK_TESTED}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_approval_has_a_name_and_can_be_looked_for(language):
    known = {kind for module, _tree in subjects() for kind in kinds(module)}
    assert {"payments.transfer", "identity.policy", "identity.staff_new"} <= known, "the search finds what there is"
    assert texts(language, "staff")["kind"].keys() == {kind.replace(".", "_") for kind in known}
    listed = (ROOT / "consoles/app/src/faces/staff/approvals/words.tsx").read_text()
    assert not {kind for kind in known if f'"{kind}"' not in listed}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_an_approval_has_a_name(language):
    asked = {field for _module, tree in subjects() for field in fields(tree)}
    assert {"amount", "new_email", "verdict", "loosens", "difference", "sha256"} <= asked, (
        "the search finds what there is"
    )
    assert not asked - texts(language, "staff")["field"].keys()


EARN = sorted((ROOT / "earn").glob("*/errors.py"))
RENEWAL_REFUSED = {
    "sold_out", "cap_reached", "principal_unfit", "not_eligible", "sale_not_open", "product_not_offered", "insufficient_funds",
    "account_frozen", "account_closed", "renewal_failed",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_earn_has_a_sentence(language):
    rooms = [importlib.import_module(f"earn.{path.parent.name}.errors") for path in EARN]
    refusals = {
        one.code
        for room in rooms
        for one in vars(room).values()
        if isinstance(one, type) and one.__module__ == room.__name__
    }
    assert {"coupon_exhausted", "earn_coupon_unfit", "terms_impossible", "already_matured"} <= refusals, (
        "the search finds what there is"
    )
    said = {code for face in ("earn", "earndesk_terms", "earndesk_coupons") for code in texts(language, face)["code"]}
    assert refusals - said == {"renewal_failed"}  # no answer, but a reason that is kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_a_customer_or_the_desk_reads_has_a_sentence(language):
    earn = texts(language, "earn")
    coupon = {key.removeprefix("coupon_not_usable_") for key in earn["code"] if key.startswith("coupon_not_usable_")}
    assert coupon == {reason.value for reason in Unusable}
    assert earn["renewal"]["why"].keys() == RENEWAL_REFUSED | {"other"}
    assert texts(language, "earndesk_subscriptions")["why"].keys() == RENEWAL_REFUSED


ONLY_PROGRAMS_MEET = {
    "keys and signatures": {
        "api_key_address_refused", "api_key_refused", "nonce_used", "request_too_old", "signature_invalid", "refresh_refused",
    },
    "the stream": {
        "already_authenticated", "not_resumable", "resume_too_old", "too_many_subscriptions", "unknown_channel", "upgrade_required",
    },
    "the ledger's routes": {
        "batch_refused", "capture_exceeds_hold", "hold_expired", "hold_mismatch", "hold_not_due", "hold_not_found", "hold_not_open",
    },
    "the custodian's wire": {
        "amount_unfit", "client_ref_conflict", "destination_unfit", "draft_unfit", "hook_unsigned", "same_person", "signature_unfit",
        "whitelist_entry_not_found", "wire_unsigned",
    },
    "charts of others": {"unknown_interval"},
    "the command line": {"month_not_archivable", "superuser_refused"},
    "reasons that are kept": {"renewal_failed"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_api_has_a_sentence_where_a_person_may_meet_it(language):
    listed = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/reference/errors.md").read_text(), re.MULTILINE))
    assert {"invalid_cursor", "withdrawal_not_manual", "wire_unsigned"} <= listed, "the search finds what there is"
    faces = {path.stem: texts(language, path.stem).get("code") for path in (TEXTS / language).glob("*.json")}
    said = {face: codes.keys() for face, codes in faces.items() if isinstance(codes, dict)}
    silent = set().union(*ONLY_PROGRAMS_MEET.values())
    assert listed - set().union(*said.values()) == silent
    looked_through = re.search(r"^const FACES = \[(.*)\];$", (TEXTS / "index.ts").read_text(), re.MULTILINE)
    assert not said.keys() - set(re.findall(r'"(\w+)"', looked_through[1])), "a face whose sentences nobody finds"
