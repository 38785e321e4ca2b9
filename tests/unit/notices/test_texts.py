"""Every notice can be worded in both languages, whole, and whatever is put in stays one harmless line."""

import pytest

from earn.templates.states import Renewal
from identity.eligibility.states import Obstacle
from notices import texts
from notices.deposit_texts import DEPOSIT_WORDS
from notices.earn_texts import EARN_WORDS
from notices.states import (
    AT_STAKE,
    LETTERS,
    PARAMS,
    SECURITY,
    WAITED_FOR,
    Channel,
    Kind,
    Language,
    wanted_by_default,
)
from notices.withdrawal_texts import WITHDRAWAL_WORDS

SAMPLES = {"direction": "above", "price": "70000", "composite": "70001.5", "symbol": "BTC-USDT"}


def sample(kind):
    return {
        name: "2026-01-31T09:00:00+00:00" if name.endswith("at") else SAMPLES.get(name, f"<{name}>")
        for name in PARAMS[kind]
    }


def test_both_languages_know_every_kind_and_every_word():
    assert set(PARAMS) == set(Kind)
    for language in Language:
        assert set(texts.TEXTS[language]) == set(Kind), language
        assert language in texts.MAIL_END
        words = {(name, value) for name, values in texts.WORDS[language].items() for value in values}
        own = EARN_WORDS[language] | DEPOSIT_WORDS[language] | WITHDRAWAL_WORDS[language]
        assert {word for word in words if word[0] not in own} == {
            ("direction", "above"), ("direction", "below"), ("reason", "scope"), ("reason", "address")
        }, language  # fmt: skip
    assert set(EARN_WORDS[Language.EN]["renewal"]) == set(EARN_WORDS[Language.ZH]["renewal"]) == set(Renewal)
    for parameter, words_of_it in DEPOSIT_WORDS[Language.EN].items():
        assert set(words_of_it) == set(DEPOSIT_WORDS[Language.ZH][parameter])
    assert set(DEPOSIT_WORDS[Language.EN]["because"]) == {one.value for one in Obstacle} | {
        "account_frozen", "account_closed", "account_shut"
    }  # fmt: skip
    assert set(EARN_WORDS[Language.EN]["why"]) == set(EARN_WORDS[Language.ZH]["why"])


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", list(Language))
def test_every_placeholder_is_filled_and_every_parameter_is_told(kind, language):
    text = texts.TEXTS[language][kind]
    assert text.placeholders() == PARAMS[kind], "what is told in one language is told in the other"
    worded = texts.render(kind, language, sample(kind))
    assert not set("{}") & set(worded.title + worded.body)
    assert 3 < len(worded.title) < 80
    assert "\n" not in worded.title + worded.body
    for name in PARAMS[kind]:
        shown = "2026-01-31 09:00:00 UTC" if name.endswith("at") else None
        given = sample(kind)[name]
        expected = shown or texts.WORDS[language].get(name, {}).get(given, given)
        assert expected in worded.title + worded.body, name


def test_chinese_is_chinese():
    for kind in Kind:
        ours = texts.TEXTS[Language.ZH][kind]
        assert any("\u4e00" <= c <= "\u9fff" for c in ours.body), kind
        assert ours.body != texts.TEXTS[Language.EN][kind].body


def test_what_is_put_in_cannot_leave_its_line():
    wild = "curl\r\nBcc: all@x\x1b[31m\u2028{symbol}" + "x" * 500
    worded = texts.render(
        Kind.NEW_ADDRESS,
        Language.EN,
        {"at": "2026-01-31T09:00:00+02:00", "address": "203.0.113.7", "user_agent": wild},
    )
    assert worded.body.startswith(
        "Somebody logged in to your account at 2026-01-31 07:00:00 UTC from 203.0.113.7 (curl??Bcc"
    )
    assert worded.body.isprintable()
    assert "{symbol}" in worded.body, "a value is no template"
    assert len(worded.body) < 500


def test_what_tells_of_a_thief_goes_everywhere():
    for kind in Kind:
        assert wanted_by_default(kind, Channel.INBOX) is (kind not in LETTERS)
        assert wanted_by_default(kind, Channel.MAIL) is (kind in SECURITY | LETTERS | WAITED_FOR | AT_STAKE)
