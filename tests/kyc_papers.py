"""Papers for tests of identity checks, good and bad, made here; and a customer who sends them over HTTP."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from identity.principals import service as principals
from kernel import db
from tests.house import PASSWORD

APPLICANT = {"full_name": "Ada Lovelace", "birth_date": "1985-12-10", "country": "SG"}


def picture(kind="JPEG", size=(320, 200), colour="navy", **rest) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind, **rest)
    return made.getvalue()


def picture_with_place() -> bytes:
    """A photograph that tells where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter
    exif[0x010F] = "Canary Cameras"
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 17.0, 24.0), 3: "E", 4: (103.0, 51.0, 7.0)})
    return picture(exif=exif)


def bomb(width=10_000, height=10_000) -> bytes:
    """A small PNG that says it has a hundred million pixels, and has."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = [packer.compress(b"\0" * (1 + width // 8)) for _ in range(height)]
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = b"".join(rows) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def paper(pages=1, *, script=False, attachment=False, password=None, shown="SECRET-CANARY") -> bytes:
    """A PDF; with a script, an attached file or a password where asked for."""
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(200, 200)
        content = DecodedStreamObject()
        content.set_data(f"BT ({shown}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    if script:
        act = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(act)
    if attachment:
        writer.add_attachment("inside.exe", b"MZ")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


class Candidate:
    """A customer whom nobody knows yet, with a session."""

    def __init__(self, house, email, *, name=""):
        self.house, self.email = house, email
        hashed = principals.hash_password(PASSWORD)
        with db.transaction(tenant=house.first) as tx:
            self.id = principals.register_customer(tx, email=email, password_hash=hashed, name=name).id
        self.headers = {"Authorization": f"Bearer {house.login(email).json()['access_token']}"}

    def ask(self, method, path, body=None, **rest):
        answer = self.house.client.request(method, path, json=body, headers=self.headers, **rest)
        assert answer.status_code < 500, answer.text
        return answer

    def begin(self, level=1, **applicant):
        answer = self.ask("POST", "/v1/kyc/cases", {"level": level, "applicant": APPLICANT | applicant})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def send(self, case_id, kind="passport", file=None, name="paper.jpg", media_type="image/jpeg", key=None):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.house.client.post(
            f"/v1/kyc/cases/{case_id}/documents",
            data={"kind": kind},
            files={"file": (name, picture() if file is None else file, media_type)},
            headers=headers,
        )

    def submit(self, case_id):
        return self.ask("POST", f"/v1/kyc/cases/{case_id}/submit")

    def standing(self):
        return self.ask("GET", "/v1/kyc/standing").json()

    def handed_in(self, level=1, **applicant):
        """A complete case that waits for a decision."""
        case_id = self.begin(level, **applicant)
        for kind in ("passport", "proof_of_address", "selfie")[: 1 if level == 1 else 3]:
            assert self.send(case_id, kind).status_code == 201
        answer = self.submit(case_id)
        assert answer.json()["state"] == "in_review", answer.text
        return case_id
