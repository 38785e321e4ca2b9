"""The table of the ASVS: every requirement of levels 1 and 2 once, and everything that is named exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security" / "asvs.md").read_text()
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| ([a-z/ ]+) \| (.*?) ?\|$", re.MULTILINE)
STATES = {"tested", "by design", "review", "operator", "open", "n/a"}
REQUIREMENTS = 253
"""Of levels 1 and 2 in version 5.0.0."""


@cache
def functions(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_stands_there_once():
    ids = [found[1] for found in LINE.finditer(PAGE)]
    assert len(ids) == REQUIREMENTS
    assert [one for one, times in Counter(ids).items() if times > 1] == []
    assert ids == sorted(ids, key=lambda one: [int(part) for part in one.split(".")])


def test_what_is_named_exists():
    missing = []
    for found in LINE.finditer(PAGE):
        for name in re.findall(r"`([a-zA-Z][\w./-]*?(?:\*\.py)?(?:::\w+)?)`", found[4]):
            path, _, function = name.partition("::")
            if re.fullmatch(r"tests/attacks/test_\d+_\*\.py", path):
                continue  # the list of attacks has its own test
            if "/" not in path and "." not in path:
                continue  # a word, not a place
            if not (ROOT / path).exists() or (function and function not in functions(path)):
                missing.append((found[1], name))
    assert missing == []


def test_what_is_tested_names_its_tests_and_the_counts_are_right():
    states = Counter()
    for found in LINE.finditer(PAGE):
        assert found[3] in STATES, found[1]
        assert found[3] != "tested" or "`tests/" in found[4], found[1]
        assert found[3] != "open" or len(found[4]) > 5, found[1]
        states[found[3]] += 1
    told = {
        state: int(number) for state, number in re.findall(r"^\| ([a-z/ ]+?) \| .+ \| (\d+) \|$", PAGE, re.MULTILINE)
    }
    assert told == dict(states)
