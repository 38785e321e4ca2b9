"""Packages are unpacked beside us once for a list, and what goes wrong is said."""

import pytest

from kernel import apt

APT = """#!/bin/sh
case "$*" in
  *update*) [ -z "$BROKEN" ] || { echo "E: no network" >&2; exit 100; } ;;
  *install*) echo "Inst one (1.0 Debian:12)"; echo "Conf one (1.0 Debian:12)" ;;
  *download*) touch one.deb ;;
esac
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/bin" "$3/usr/lib/own" && echo unpacked > "$3/usr/bin/one" && touch "$3/usr/lib/own/libone.so.1"
"""


@pytest.fixture
def debian(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("apt-get", APT), ("dpkg-deb", DPKG)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "into"


def test_a_list_is_unpacked_once(debian):
    said = []
    tree = apt.unpack(["one"], debian, lambda: said.append("first"))
    assert (tree / "usr/bin/one").read_text() == "unpacked\n"
    assert apt.libraries(tree) == str(tree / "usr/lib/own")
    assert apt.unpack(["one"], debian, lambda: said.append("again")) == tree
    apt.unpack(["one", "two"], debian, lambda: said.append("another list"))
    assert said == ["first", "another list"]


def test_what_could_not_be_had_is_tried_again(debian, monkeypatch):
    monkeypatch.setenv("BROKEN", "yes")
    with pytest.raises(apt.AptFailed, match="no network"):
        apt.unpack(["one"], debian, list)
    monkeypatch.delenv("BROKEN")
    assert (apt.unpack(["one"], debian, list) / "usr/bin/one").exists()


def test_elsewhere_than_on_debian_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(apt.AptFailed, match="no Debian"):
        apt.unpack(["one"], tmp_path / "into", list)
