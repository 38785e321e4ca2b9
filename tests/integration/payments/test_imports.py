"""Imports: nothing moves before a second person, every row once, and what is refused is told beside its row."""

import json

import pytest

from kernel import db
from kernel.ids import uuid7
from payments.errors import IdempotencyConflict, SecondPersonRequired
from payments.imports import postings, service
from payments.imports.errors import DigestDiffers, FileKnown, ImportNotWaiting
from payments.imports.states import Format

SENDER, SECOND = uuid7(), uuid7()


@pytest.fixture(autouse=True)
def books_balance(books):
    books.staff(SENDER), books.staff(SECOND)
    yield
    assert books.violations() == set()
    books.fold()
    assert books.violations() == set()


def _file(*journals):
    lines = [{"kind": "payout", "lines": [{"account": a, "amount": str(n)} for a, n in legs]} for legs in journals]
    return "\n".join(json.dumps(line) for line in lines).encode()


def _send(books, body, **rest):
    given = {
        "by": SENDER,
        "realm": "REAL",
        "format_": Format.NDJSON,
        "dry_run": False,
        "file_key": None,
        "key": None,
    } | rest
    import_id = service.send(tenant=books.tenant, body=body, **given).id
    service.run(books.tenant, import_id)
    return import_id


def _approve(books, import_id, by=SECOND):
    sha256 = service.read(books.tenant, import_id).job.sha256
    service.approve(tenant=books.tenant, by=by, import_id=import_id, sha256=sha256, key=None)
    service.run(books.tenant, import_id)


def _statuses(books, import_id, *, only_refused=False):
    rows = service.rows(books.tenant, import_id, only_refused=only_refused, after=0, limit=1000)
    return [row.status for row in rows]


def test_checked_by_one_approved_by_another_posted_once(books, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 2)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    with books.tx() as tx:
        path = tx.scalar("SELECT path FROM payments.accounts WHERE account_id = :id", id=payee)
    body = _file(
        [(payer, -4), (path, 4)],
        [(payer, -4), (payee, 4)],
        [(payer, -4), (payee, 4)],
        [(payer, -1), (payee, "0.9")],
        [(payer, "-0.0000001"), (payee, "0.0000001")],
        [("nobody", -1), (payee, 1)],
    )
    import_id = _send(books, body + b"\nnonsense")
    view = service.read(books.tenant, import_id)
    assert (view.job.state, view.job.rows_read) == ("awaiting_approval", 7)
    # each chunk is checked for itself: the third row stands in the second chunk
    assert _statuses(books, import_id) == [
        "ok",
        "ok",
        "ok",
        "unbalanced",
        "amount_too_fine",
        "account_not_found",
        "invalid_row",
    ]
    assert books.available(payee) == 0
    with pytest.raises(SecondPersonRequired):
        _approve(books, import_id, by=SENDER)
    with pytest.raises(DigestDiffers):
        service.approve(tenant=books.tenant, by=SECOND, import_id=import_id, sha256="0" * 64, key=None)
    _approve(books, import_id)
    view = service.read(books.tenant, import_id)
    assert (view.job.state, view.job.decided_by) == ("done", SECOND)
    assert view.counts == {
        "posted": 2, "insufficient_funds": 1, "unbalanced": 1, "amount_too_fine": 1, "account_not_found": 1, "invalid_row": 1,
    }  # fmt: skip
    assert books.available(payee) == 8
    rows = service.rows(books.tenant, import_id, only_refused=False, after=0, limit=10)
    assert [row.journal_id is not None for row in rows] == [True, True, False, False, False, False, False]
    with books.tx() as tx:
        journal = tx.one(
            "SELECT kind, actor, meta FROM payments.journals WHERE journal_id = :id", id=rows[0].journal_id
        )
    assert (journal.kind, journal.actor, journal.meta["row"]) == ("import.payout", str(SECOND), 1)
    assert _statuses(books, import_id, only_refused=True)[0] == "insufficient_funds"
    for decide in (_approve, lambda b, i: service.reject(tenant=b.tenant, by=SECOND, import_id=i, key=None)):
        with pytest.raises(ImportNotWaiting):
            decide(books, import_id)


def test_the_same_file_is_not_posted_twice(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    body = _file([(payer, -1), (payee, 1)])
    first = _send(books, body)
    _approve(books, first)
    with pytest.raises(FileKnown) as known:
        _send(books, body, by=SECOND)
    assert known.value.extra["id"] == str(first)
    with pytest.raises(FileKnown):
        _send(books, body + b"\n", file_key=service.read(books.tenant, first).job.file_key)
    assert books.available(payee) == 1
    dry = _send(books, body, dry_run=True)  # says that it is there already
    assert service.read(books.tenant, dry).job.state == "checked"
    assert _statuses(books, dry) == ["exists"]


def test_a_rejected_file_may_come_again(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    body = _file([(payer, -1), (payee, 1)])
    first = _send(books, body)
    service.reject(tenant=books.tenant, by=SENDER, import_id=first, key=None)
    with pytest.raises(ImportNotWaiting):
        _approve(books, first)
    again = _send(books, body)
    _approve(books, again)
    assert books.available(payee) == 1


def test_a_dry_run_is_never_posted(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    dry = _send(books, _file([(payer, -1), (payee, 1)]), dry_run=True)
    assert (service.read(books.tenant, dry).job.state, _statuses(books, dry)) == ("checked", ["ok"])
    with pytest.raises(ImportNotWaiting):
        _approve(books, dry)
    assert books.available(payee) == 0


def test_a_crash_between_chunks_loses_and_repeats_nothing(books, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 3)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")
    import_id = _send(books, _file(*[[(payer, -1), (payee, 1)]] * 10))
    sha256 = service.read(books.tenant, import_id).job.sha256
    service.approve(tenant=books.tenant, by=SECOND, import_id=import_id, sha256=sha256, key=None)
    real, calls = postings.post, []

    def dies(tx, wanted):
        answers = real(tx, wanted)
        calls.append(len(wanted))
        if len(calls) == 2:
            raise OSError("the process was killed before the commit")
        return answers

    monkeypatch.setattr(postings, "post", dies)
    service.run(books.tenant, import_id)
    view = service.read(books.tenant, import_id)
    assert (view.job.state, view.job.position, view.job.error) == ("posting", 3, "OSError")
    assert books.available(payee) == 3
    service.run(books.tenant, import_id)
    assert service.read(books.tenant, import_id).counts == {"posted": 10}
    assert books.available(payee) == 10


def test_two_workers_at_once_do_the_work_once(books, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 1)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")
    import_id = _send(books, _file(*[[(payer, -1), (payee, 1)]] * 4))
    real, seen = service._step, []

    def slow(tenant, which, me):
        seen.append(me)
        if len(seen) == 2:
            service.run(tenant, which)  # claimed: leaves it alone
            with books.superuser() as root:
                root.execute("UPDATE payments.imports SET claimed_until = now() - interval '1 s'")
            service.run(tenant, which)  # takes it over, to the end
        return real(tenant, which, me)

    monkeypatch.setattr(service, "_step", slow)
    _approve(books, import_id)
    assert len(set(seen)) == 2
    assert service.read(books.tenant, import_id).counts == {"posted": 4}
    assert books.available(payee) == 4


def test_realms_do_not_meet_and_demo_keys_are_their_own(books):
    real, demo = books.customer(), books.customer(realm="DEMO")
    body = _file([(books.outside(), -1), (real, 1)])
    _approve(books, _send(books, body))
    other = _send(books, body, realm="DEMO")
    assert _statuses(books, other) == ["realm_mismatch"]
    demo_file = _send(books, _file([(books.outside(realm="DEMO"), -1), (demo, 1)]), realm="DEMO")
    _approve(books, demo_file)
    assert (books.available(real), books.available(demo)) == (1, 1)


def test_an_approval_is_done_once_per_key(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    import_id = _send(books, _file([(payer, -1), (payee, 1)]), key="sent")
    sha256 = service.read(books.tenant, import_id).job.sha256
    given = {"tenant": books.tenant, "by": SECOND, "import_id": import_id, "key": "approved"}
    assert not service.approve(**given, sha256=sha256).replayed
    assert service.approve(**given, sha256=sha256).replayed
    with pytest.raises(IdempotencyConflict):
        service.approve(**given, sha256="1" * 64)


def test_rows_of_an_import_cannot_be_changed_by_the_application(books):
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "10")
    _send(books, _file([(payer, -1), (payee, 1)]))
    for statement in ("UPDATE payments.import_rows SET amounts = '{1,-1}'", "DELETE FROM payments.import_rows"):
        with pytest.raises(Exception, match="permission denied"), db.transaction(tenant=books.tenant) as tx:
            tx.execute(statement)
