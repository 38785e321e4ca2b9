"""The published list of attacks: each line has its file of tests, and each file stands in the list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = ROOT / "tests" / "attacks"
NUMBERS = [*range(1, 53)]
LINE = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| `(tests/attacks/test_\d+_\S*)` \|$", re.MULTILINE)


def published():
    return {int(number): (attack, answer, files) for number, attack, answer, files in LINE.findall(_page())}


def _page():
    return (ROOT / "docs" / "security" / "attacks.md").read_text()


def files_of(number):
    return sorted(ATTACKS.glob(f"test_{number:02}_*.py"))


def test_the_list_has_every_line_once():
    assert [int(number) for number, *_ in LINE.findall(_page())] == NUMBERS
    assert all(files == f"tests/attacks/test_{number:02}_*.py" for number, (*_, files) in published().items())


@pytest.mark.parametrize("number", NUMBERS)
def test_the_line_has_its_tests(number):
    found = files_of(number)
    assert found, f"no tests/attacks/test_{number:02}_*.py"
    for path in found:
        tests = [
            node.name
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        ]
        assert tests, f"{path.name} tests nothing"
        assert all(name.startswith(f"test_{number:02}_") for name in tests), (
            f"{path.name}: tests bear the number of the line"
        )


def test_every_file_stands_in_the_list():
    numbers = {int(re.match(r"test_(\d+)_", path.name)[1]) for path in ATTACKS.glob("test_*.py")}
    assert numbers <= set(NUMBERS)
