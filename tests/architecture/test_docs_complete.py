"""The generated reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("docs_gen", ROOT / "tools" / "docs_gen.py")
docs_gen = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(docs_gen)


@pytest.mark.parametrize("name", ["settings.md", "errors.md", "states.md", "events.md", "invariants.md"])
def test_page_is_current(name):
    assert (ROOT / "docs" / "reference" / name).read_text() == docs_gen.pages()[name], "run: python tools/docs_gen.py"


def test_readme_links_exist():
    import re

    for target in re.findall(r"\]\(([a-zA-Z][^)#:]*)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target
