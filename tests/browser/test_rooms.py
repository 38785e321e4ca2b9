"""Every room of every role opens: no raw key, nothing serious for axe, no page that scrolls sideways, no error, no other host."""

import pytest

from rivermouth.prove.screens import ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
LOOKS = [("en", "dark", 1280), ("zh", "light", 390)]


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "phone"])
@pytest.mark.parametrize(("name", "paths"), ROOMS, ids=[name for name, _ in ROOMS])
def test_rooms_are_in_order(visitor, name, paths, look):
    language, theme, width = look
    visit = visitor(name, language=language, theme=theme, width=width)
    visit.login(paths[0])
    wrong = []
    for path in paths:
        visit.go(path)
        wrong += [f"{path}: raw key {key}" for key in visit.raw_keys()]
        wrong += visit.violations()
        if visit.sideways():
            wrong.append(f"{path} scrolls sideways")
    assert wrong == []
