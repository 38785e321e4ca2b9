"""Makes a document anew out of what it shows: run as a process of its own, with little memory, little time and no secrets.

    python -m identity.kyc.cleaning < file > answer

Files of strangers are read by libraries that have had holes and will have more; so whoever breaks one is alone in here. A picture becomes
pixels and then a new JPEG, so nothing else of it survives: no position, no second file behind it, no script. A PDF keeps its pages only.
The answer's first line is `ok <media type> <pages>`, followed by the file, or `refused <why>`.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

MAX_PIXELS = 40_000_000
LONGEST_SIDE = 4_000
MAX_PAGES = 20
_MAX_OBJECTS = 50_000
_MEMORY = 1536 * 1024 * 1024
_CPU_S = 15
_QUALITY = 88
_PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
_FORBIDDEN = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/Filespec",
        "/RichMedia",
        "/XFA",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Movie",
        "/Sound",
        "/3D",
    }
)


class Refused(Exception):
    """`unsupported`, `too_large`, `unsafe` or `unreadable`."""


def kind_of(raw: bytes) -> str:
    """By its first bytes, whatever its name or its sender says."""
    if raw.startswith(b"%PDF-"):
        return "PDF"
    for start, kind in _PICTURES.items():
        if raw.startswith(start) and (kind != "WEBP" or raw[8:12] == b"WEBP"):
            return kind
    raise Refused("unsupported")


def picture(raw: bytes, kind: str) -> bytes:
    """The same picture as a new JPEG, upright and without anything but its pixels."""
    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(raw), formats=(kind,)) as found:
            if found.width * found.height > MAX_PIXELS:
                raise Refused("too_large")
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(found)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            shown = upright.convert("RGBA")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too_large") from None
    fresh = Image.new("RGB", shown.size, "white")
    fresh.paste(shown, mask=shown.getchannel("A"))
    written = io.BytesIO()
    fresh.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def document(raw: bytes) -> tuple[bytes, int]:
    """The pages of a PDF in a new one, and how many they are."""
    reader = PdfReader(io.BytesIO(raw))
    if reader.is_encrypted:
        raise Refused("unsafe")
    if not 1 <= len(reader.pages) <= MAX_PAGES:
        raise Refused("too_large")
    _require_harmless(reader.trailer)
    writer = PdfWriter()
    for page in reader.pages:
        for name in ("/Annots", "/AA", "/Metadata", "/PieceInfo"):
            page.pop(name, None)
        writer.add_page(page)
    writer.metadata = None
    written = io.BytesIO()
    writer.write(written)
    _require_harmless(PdfReader(io.BytesIO(written.getvalue())).trailer)
    return written.getvalue(), len(writer.pages)


def _require_harmless(trailer: Any) -> None:
    """Nothing that can be reached acts, asks or carries other files."""
    waiting, seen = [trailer], set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            if (item.idnum, item.generation) in seen:
                continue
            seen.add((item.idnum, item.generation))
            if len(seen) > _MAX_OBJECTS:
                raise Refused("too_large")
            item = item.get_object()
        if isinstance(item, DictionaryObject):
            if not _FORBIDDEN.isdisjoint(item):
                raise Refused("unsafe")
            waiting.extend(item.raw_get(name) for name in item)
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))
        elif isinstance(item, NameObject) and item in _FORBIDDEN:
            raise Refused("unsafe")


def clean(raw: bytes) -> tuple[str, int, bytes]:
    """(media type, pages, the new file).

    Raises:
        Refused
    """
    kind = kind_of(raw)
    try:
        if kind == "PDF":
            made, pages = document(raw)
            return "application/pdf", pages, made
        return "image/jpeg", 1, picture(raw, kind)
    except Refused:
        raise
    except Exception:  # noqa: BLE001  whatever a library says of a stranger's file, it is that file's fault
        raise Refused("unreadable") from None


def main() -> None:
    """One file in, one file out."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = sys.stdout.buffer
    try:
        media_type, pages, made = clean(sys.stdin.buffer.read())
    except Refused as refusal:
        answer.write(f"refused {refusal}\n".encode())
        return
    answer.write(f"ok {media_type} {pages}\n".encode() + made)


if __name__ == "__main__":
    main()
