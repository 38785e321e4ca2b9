"""When a policy loosens, and whether a colour can be read."""

from decimal import Decimal

import pytest

from identity.tenants.errors import OriginInvalid, ThemeUnreadable
from identity.tenants.rules import Policy, check_theme, contrast, normal_origin, stylesheet
from identity.tenants.states import Custody, Limit

D = Decimal
DAY, SINGLE = Limit.WITHDRAWAL_DAY, Limit.WITHDRAWAL_SINGLE
LOW = D("0.2")
BASE = Policy(limits={DAY: D(100)}, highest_apr=LOW)


@pytest.mark.parametrize(
    ("other", "loosens"),
    [
        (BASE, []),
        (Policy(highest_apr=D(0)), []),
        (Policy(limits={DAY: D("99.99")}, highest_apr=LOW), []),
        (Policy(limits={DAY: D("100.00")}, highest_apr=LOW), []),
        (Policy(limits={DAY: D("100.01")}, highest_apr=LOW), ["limits.withdrawal_day"]),
        (Policy(limits={DAY: D(1), SINGLE: D(0)}, highest_apr=LOW), ["limits.withdrawal_single"]),
        (Policy(custody=Custody.PARTNER, highest_apr=LOW), ["custody"]),
        (Policy(whitelist_delay_h=23, highest_apr=LOW), ["whitelist_delay_h"]),
        (Policy(whitelist_delay_h=25, change_delay_h=1, highest_apr=LOW), ["change_delay_h"]),
        (Policy(highest_apr=D("0.05")), []),
        (Policy(highest_apr=D("0.21")), ["highest_apr"]),
    ],
)
def test_looser_is_what_lets_more_out_or_sooner(other, loosens):
    assert BASE.loosened_by(other) == loosens


def test_a_policy_reads_back_as_it_was_written():
    policy = Policy(custody=Custody.PARTNER, whitelist_delay_h=0, limits={DAY: D("1.50")})
    assert policy.plain["limits"] == {"withdrawal_day": "1.5"}
    assert Policy.read(policy.plain) == policy
    assert Policy.read({name: value for name, value in policy.plain.items() if name != "highest_apr"}) == policy


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff").quantize(D("0.01")) == D("4.48")
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_our_own_accents_can_be_read():
    check_theme({"accent_dark": "#4cc2d6", "accent_light": "#086b80"})
    check_theme({"accent_dark": None, "accent_light": None})
    with pytest.raises(ThemeUnreadable):
        check_theme({"accent_light": "#4cc2d6"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://A.example", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_origin_has_one_spelling(given, kept):
    assert normal_origin(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "x", "https://a.example/", "https://a.example:0x1", "ftp://a.example", "https://[::1", "https://é.example"],
)
def test_what_is_no_origin_is_refused(given):
    with pytest.raises(OriginInvalid):
        normal_origin(given)


def test_a_stylesheet_holds_colours_and_nothing_else():
    assert stylesheet({"accent_dark": None, "accent_light": None}) == ""
    light = 'html:root[data-theme="light"]{--accent:#0b4f8a}\n'
    assert stylesheet({"accent_dark": None, "accent_light": "#0b4f8a"}) == light
    both = stylesheet({"accent_dark": "#7FD1FF", "accent_light": "#0b4f8a"})
    assert both == 'html:root,html:root[data-theme="dark"]{--accent:#7FD1FF}\n' + light
    for wild in ("red", "#0b4f8a}body{display:none", "#0b4f8a\n", "url(https://elsewhere.example)", "#fff"):
        assert stylesheet({"accent_dark": wild, "accent_light": wild}) == "", wild
