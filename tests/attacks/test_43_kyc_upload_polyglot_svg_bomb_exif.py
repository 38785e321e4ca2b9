"""43: KYC upload: polyglot, SVG script, zip bomb, 100 Mpx, EXIF GPS → re-encoded or refused; file only by a short link of one's own;
other reviewer roles refused."""

import io
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

import pytest
from PIL import Image

from identity.kyc import files, looks
from identity.principals.states import Role
from kernel import clock
from kernel.ids import uuid7
from rivermouth import cross_origin
from tests.kyc_papers import Candidate, bomb, pages_of, paper, picture, picture_with_place

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def packed(size=20_000_000):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * size)
    return made.getvalue()


@pytest.fixture(scope="module")
def ada(house):
    return Candidate(house, f"ada-{uuid7()}@first.example")


@pytest.fixture(scope="module")
def case(ada):
    return ada.begin()


@pytest.fixture(scope="module")
def shown(house):
    """A document of a case that was handed in."""
    bob = Candidate(house, f"bob-{uuid7()}@first.example")
    case_id = bob.begin()
    document = bob.send(case_id, file=picture_with_place()).json()
    assert bob.submit(case_id).status_code == 200
    return document["id"]


def upload(house, who, case_id):
    return house.client.post(
        f"/v1/kyc/cases/{case_id}/documents",
        data={"kind": "passport"},
        files={"file": ("a.jpg", picture())},
        headers=who.headers,
    )


def link(house, document, who=Role.COMPLIANCE):
    return house.client.post(f"/v1/kyc/documents/{document}/links", headers=house.auth(who))


REFUSED = {
    "SVG with a script": (SVG, "document_unsupported"),
    "SVG that is called a picture": (b"\xef\xbb\xbf" + SVG, "document_unsupported"),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "document_unsupported"),
    "zip bomb": (packed(), "document_unsupported"),
    "program": (b"MZ" + b"\0" * 100, "document_unsupported"),
    "nothing": (b"", "document_unsupported"),
    "half a picture": (picture()[:200], "document_unreadable"),
    "only the beginning of a picture": (b"\xff\xd8\xff\xe0", "document_unreadable"),
    "only the beginning of a PDF": (b"%PDF-1.7\n", "document_unreadable"),
    "100 Mpx": (bomb(), "document_too_large"),
    "two hundred pages": (paper(200), "document_too_large"),
    "PDF with a script": (paper(script=True), "document_unsafe"),
    "PDF with a file inside": (paper(attachment=True), "document_unsafe"),
    "encrypted PDF": (paper(password="x"), "document_unsafe"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_43_refused(ada, case, what):
    raw, code = REFUSED[what]
    answer = ada.send(case, file=raw)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert ada.standing()["cases"][0]["documents"] == []


def test_43_more_bytes_than_we_take_are_not_even_parsed(ada, case):
    answer = ada.send(case, file=picture() + b"\0" * files.MAX_BYTES + b"\0" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    elsewhere = ada.ask("POST", "/v1/orders", {"x": "y" * 2_000_000})
    assert elsewhere.status_code == 413, "only documents may be larger than other bodies"


def test_43_a_picture_is_pixels_and_nothing_else(house, shown):
    """No place, no camera, no second file; upright, because nothing says any more that it has to be turned."""
    raw = picture_with_place()
    assert b"Canary Cameras" in raw
    made = house.client.get(link(house, shown).json()["url"], headers=house.auth(Role.COMPLIANCE))
    assert made.headers["content-type"] == "image/jpeg"
    assert b"Canary" not in made.content
    with Image.open(io.BytesIO(made.content)) as opened:
        assert dict(opened.getexif()) == {}
        assert opened.size == (200, 320)
    headers = made.headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_43_a_second_file_behind_a_picture_does_not_survive(kind):
    polyglot = picture(kind) + packed(1000) + b"<script>alert(1)</script>"
    made = files.clean(polyglot)
    assert made.body.startswith(b"\xff\xd8\xff")
    assert b"PK\x03\x04" not in made.body
    assert b"<script>" not in made.body


def test_43_a_second_file_behind_a_paper_does_not_survive():
    made = files.clean(paper(2) + packed(1000) + b"<script>alert(1)</script>")
    assert pages_of(made.body) == 2
    assert b"PK\x03\x04" not in made.body
    assert b"<script>" not in made.body


def test_43_only_compliance_gets_a_link(house, ada, shown):
    for role in Role:
        expected = 201 if role is Role.COMPLIANCE else 403
        assert link(house, shown, role).status_code == expected, role
    assert link(house, shown, "other").status_code == 403
    assert house.client.post(f"/v1/kyc/documents/{shown}/links").status_code == 401


def test_43_a_link_opens_one_document_once_for_one_person(house, shown, monkeypatch):
    compliance = house.auth(Role.COMPLIANCE)
    url = link(house, shown).json()["url"]
    assert house.client.get(url).status_code == 401, "the link alone opens nothing"
    assert house.client.get(url, headers=house.auth(Role.ADMIN)).status_code == 403
    assert house.client.get(url.replace(shown, str(uuid7())), headers=compliance).status_code == 404
    assert house.client.get(url.split("?")[0], headers=compliance).status_code == 400
    assert house.client.get(url, headers=compliance).status_code == 200
    assert house.client.get(url, headers=compliance).status_code == 404, "it is spent"
    made_up = url.split("=")[0] + "=" + "A" * 43
    assert house.client.get(made_up, headers=compliance).status_code == 404
    late = link(house, shown).json()["url"]
    monkeypatch.setattr(looks, "wall", lambda: clock.wall() + timedelta(seconds=61))
    assert house.client.get(late, headers=compliance).status_code == 404, "its minute is over"


def test_43_who_looked_is_written_down(house, shown):
    assert link(house, shown).status_code == 201
    seen = house.client.get(
        "/v1/audit", params={"action": "kyc_document.shown"}, headers=house.auth(Role.AUDITOR)
    ).json()
    assert seen["items"][0]["resource_id"] == shown
    assert seen["items"][0]["actor"] == str(house.ids[Role.COMPLIANCE])


def test_43_a_file_that_kills_its_reader_kills_nobody_else(monkeypatch):
    """The reader is a process of its own, with bounds: when it dies, the document is refused."""
    from identity.kyc.errors import DocumentUnreadable

    class Died:
        returncode, stdout = -9, b""

    monkeypatch.setattr(files.subprocess, "run", lambda *_, **__: Died)
    with pytest.raises(DocumentUnreadable):
        files.clean(picture())


def test_43_a_heap_of_slow_files_holds_up_nobody_else(house, ada, case, monkeypatch):
    """Attack: more uploads at once than there are threads, each slow to read. Streams and pages of others go on, and the heap is bounded."""
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def slowly(_raw):
        begun.release()
        assert go_on.wait(60)
        raise files.DocumentUnreadable

    monkeypatch.setattr(files, "clean", slowly)
    monkeypatch.setattr(cross_origin, "READ_EVERY_S", 0.0)  # so that each of these reads the list anew, in a thread
    many = 40
    with ThreadPoolExecutor(many) as pool:
        sent = [pool.submit(upload, house, ada, case) for _ in range(many)]
        try:
            assert all(begun.acquire(timeout=30) for _ in range(2))
            refused = next(as_completed(sent, timeout=30)).result()
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            for _ in range(3):
                answer = house.client.get("/healthz", headers={"Origin": "https://elsewhere.example"}, timeout=10)
                assert answer.status_code == 200
        finally:
            go_on.set()
        codes = {one.result().json()["code"] for one in sent}
    assert codes == {"unavailable", "document_unreadable"}
