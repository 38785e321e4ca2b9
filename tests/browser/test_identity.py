"""A newcomer shows who they are, in Chinese; compliance looks at the paper and agrees, in English; the newcomer may trade."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.texts import words
from tests.kyc_papers import picture

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_a_newcomer_becomes_known(visitor, tmp_path):
    zh, en = words("zh", "kyc"), words("en", "kyc")
    paper = tmp_path / "passport.jpg"
    paper.write_bytes(picture(size=(800, 500)))

    newcomer = visitor("newcomer", language="zh", theme="light", width=390)
    page = newcomer.login("/identity")
    expect(page.get_by_text(zh["level"]["0"])).to_be_visible()
    page.get_by_label(zh["applicant"]["full_name"]).fill("林小满")
    page.get_by_label(zh["applicant"]["birth_date"]).fill("1990-05-20")
    page.get_by_label(re.compile(zh["applicant"]["country"][:5])).fill("sg")
    page.get_by_role("button", name=zh["begin"]["verb"]).click()
    expect(page.get_by_text(zh["case"]["missing"])).to_be_visible()
    assert newcomer.violations() == []
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=zh["document"]["choose"]).click()
    chooser.value.set_files(paper)
    page.get_by_role("button", name=zh["document"]["send"], exact=True).click()
    page.get_by_role("button", name=zh["case"]["hand_in"]).click()
    expect(page.get_by_text(zh["case"]["waits"])).to_be_visible()
    assert not newcomer.sideways()

    compliance = visitor("compliance", language="en")
    page = compliance.login("/kyc")
    page.get_by_role("link", name=re.compile("newcomer")).click()
    expect(page.get_by_text("林小满")).to_be_visible()
    page.get_by_role("button", name=en["document"]["look"], exact=True).click()
    shown = page.get_by_role("img", name=en["document"]["passport"])
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    page.get_by_role("dialog").get_by_role("button").click()
    assert compliance.violations() == []
    page.get_by_role("button", name=en["decision"]["approve"], exact=True).click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label(en["decision"]["reason"]).fill("The passport is fine.")
    dialog.get_by_role("button", name=en["decision"]["approve"], exact=True).click()
    expect(page.get_by_text(en["state"]["approved"]).first).to_be_visible()

    page = newcomer.page
    page.reload()
    expect(page.get_by_text(zh["level"]["1"]).first).to_be_visible()
