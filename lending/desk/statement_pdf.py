"""A loan's statement as a PDF: plain text in a fixed pitch, so that every column of figures stands under itself. Pure.

What that font does not have, names in Chinese above all, is set in a font that PDF readers bring along for simplified Chinese; nothing
is embedded.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from kernel.money import canonical
from lending.desk.statements import Row, Statement

_WIDTH, _HEIGHT, _EDGE = 842, 595, 36  # A4, lying
_LEADING, _SIZE = 11, 6.5
_ROWS_A_PAGE = 36
_COLUMNS: tuple[tuple[str, int], ...] = (
    ("at", 17), ("what", 22), ("amount", 18), ("principal", 18), ("interest", 15), ("fee", 12), ("penalty", 12),
    ("principal left", 18), ("collateral", 26), ("journal", 36),
)  # fmt: skip
_RIGHT = {"amount", "principal", "interest", "fee", "penalty", "principal left"}


def as_pdf(statement: Statement) -> bytes:
    """Pages of A4."""
    pages = [statement.rows[at : at + _ROWS_A_PAGE] for at in range(0, len(statement.rows), _ROWS_A_PAGE)] or [()]
    writer = PdfWriter()
    writer.pdf_header = "%PDF-1.5"  # since then readers know the encoding of the second font
    for number, rows in enumerate(pages, start=1):
        page = writer.add_blank_page(_WIDTH, _HEIGHT)
        content = DecodedStreamObject()
        content.set_data(_content(_lines(statement, rows, number, len(pages))))
        page[NameObject("/Contents")] = writer._add_object(content)  # noqa: SLF001  how the library adds an object
        page[NameObject("/Resources")] = _fonts()
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _lines(statement: Statement, rows: Sequence[Row], number: int, of: int) -> list[str]:
    gathered = statement.loan.gathered
    loan = gathered.loan
    paid = ", ".join(f"{part} {canonical(amount)}" for part, amount in statement.paid.items())
    return [
        f"Loan statement, {statement.on.isoformat()} (days of UTC){' ' * 20}page {number} of {of}",
        "",
        f"Loan {loan.id}: {gathered.product.name}",
        f"Lent in {loan.asset}, {loan.opened_on} to {loan.matures_on}, {canonical(gathered.rate * 100)} % a year, {loan.status.value}.",
        f"Owed on this day, interest included: {canonical(statement.loan.owed.total)} {loan.asset}. Paid so far: {paid}.",
        "",
        _row([name for name, _ in _COLUMNS]),
        "-" * sum(width for _, width in _COLUMNS),
        *(_row(_cells(row)) for row in rows),
    ]


def _cells(row: Row) -> list[str]:
    figures = (row.amount, row.principal, row.interest, row.fee, row.penalty, row.principal_left)
    return [
        f"{row.at:%Y-%m-%d %H:%M}",
        row.kind.replace("_", " "),
        *(_figure(figure) for figure in figures),
        row.collateral,
        str(row.journal_id),
    ]


def _figure(amount: Decimal) -> str:
    return canonical(amount) if amount else "-"


def _row(cells: Sequence[str]) -> str:
    """Each cell in its column, a blank between two; what is too long stays whole and moves the rest."""
    made = ""
    for (name, width), cell in zip(_COLUMNS, cells, strict=True):
        room = width - 1
        made += (cell.rjust(room) if name in _RIGHT else cell.ljust(room)) + " "
    return made.rstrip()


def _content(lines: Sequence[str]) -> bytes:
    shown = "\n".join(
        "".join(_run(plain, "".join(run)) for plain, run in groupby(line, _is_plain)) + "T*" for line in lines
    )
    return f"BT {_LEADING} TL {_EDGE} {_HEIGHT - _EDGE} Td\n{shown}\nET".encode("cp1252")


def _is_plain(letter: str) -> bool:
    """Whether the fixed font has it."""
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _run(plain: bool, text: str) -> str:
    if plain:
        return f"/F1 {_SIZE} Tf ({_escaped(text)}) Tj "
    return f"/F2 {_SIZE} Tf <{text.encode('utf-16-be', errors='replace').hex()}> Tj "


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _fonts() -> DictionaryObject:
    fixed = _named(Type="Font", Subtype="Type1", BaseFont="Courier", Encoding="WinAnsiEncoding")
    return DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): fixed, NameObject("/F2"): _chinese()})}
    )


def _chinese() -> DictionaryObject:
    """One of the fonts of Adobe-GB1, which a reader has or replaces by its own; the encoding is UTF-16."""
    descriptor = _named(Type="FontDescriptor", FontName="STSong-Light")
    descriptor.update(_numbers(Flags=6, ItalicAngle=0, Ascent=880, Descent=-120, CapHeight=880, StemV=93))
    descriptor[NameObject("/FontBBox")] = ArrayObject(NumberObject(edge) for edge in (-25, -254, 1000, 880))
    letters = DictionaryObject(
        {NameObject("/Registry"): TextStringObject("Adobe"), NameObject("/Ordering"): TextStringObject("GB1")}
    )
    letters.update(_numbers(Supplement=4))
    glyphs = _named(Type="Font", Subtype="CIDFontType0", BaseFont="STSong-Light")
    glyphs.update(
        {NameObject("/CIDSystemInfo"): letters, NameObject("/FontDescriptor"): descriptor, **_numbers(DW=1000)}
    )
    font = _named(Type="Font", Subtype="Type0", BaseFont="STSong-Light-UniGB-UTF16-H", Encoding="UniGB-UTF16-H")
    font[NameObject("/DescendantFonts")] = ArrayObject([glyphs])
    return font


def _named(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in entries.items()})


def _numbers(**entries: int) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NumberObject(value) for key, value in entries.items()})
