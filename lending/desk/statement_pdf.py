"""A loan's statement as a PDF: plain text in a fixed pitch, so that every column of figures stands under itself. Pure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

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
    """Pages of A4; letters that the fixed fonts of a PDF do not have are question marks."""
    pages = [statement.rows[at : at + _ROWS_A_PAGE] for at in range(0, len(statement.rows), _ROWS_A_PAGE)] or [()]
    writer = PdfWriter()
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
    loan = statement.loan.gathered.loan
    paid = ", ".join(f"{part} {canonical(amount)}" for part, amount in statement.paid.items())
    return [
        f"Loan statement, {statement.on.isoformat()} (days of UTC){' ' * 20}page {number} of {of}",
        "",
        f"Loan {loan.id}: {statement.loan.gathered.product.name}",
        f"Lent in {loan.asset}, {loan.opened_on} to {loan.matures_on}, {canonical(loan.rate * 100)} % a year, {loan.status.value}.",
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
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    head = f"BT /F1 {_SIZE} Tf {_LEADING} TL {_EDGE} {_HEIGHT - _EDGE} Td"
    return f"{head}\n{shown}\nET".encode("cp1252", errors="replace")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _fonts() -> DictionaryObject:
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Courier"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    return DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
