"""The house around the rooms: who gets in, what they find there, and what happens when the line breaks."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]

PRODUCTS = {"/lending/products", "/lending/book", "/fixed-income"}
DOORS = {  # which rooms the navigation offers to whom
    "retail": {"/trade", "/orders", "/wallet", "/alerts", "/fees", "/keys", "/borrow", "/earn"},
    "treasury": {"/treasury", "/approvals", "/reserves"} | PRODUCTS,
    "finance": {"/finance", "/treasury/revenue", "/treasury/deposits", "/approvals", "/reserves"} | PRODUCTS,
    "auditor": {"/finance", "/treasury/revenue", "/approvals", "/audit", "/customers", "/house"} | PRODUCTS,
    "admin": {
        "/finance",
        "/treasury/revenue",
        "/treasury/controls",
        "/sandbox",
        "/approvals",
        "/audit",
        "/customers",
        "/programs",
        "/house",
    }
    | PRODUCTS,
    "support": {"/treasury/controls", "/approvals", "/customers"},
    "compliance": {
        "/treasury/withdrawals",
        "/treasury/deposits",
        "/treasury/controls",
        "/approvals",
        "/audit",
        "/customers",
        "/kyc",
    }
    | PRODUCTS,
    "product": {"/finance/payment-orders", "/approvals"} | PRODUCTS,
}


@pytest.mark.parametrize("name", DOORS)
def test_a_role_sees_its_own_rooms_only(visitor, name):
    page = visitor(name).login()
    expect(page.locator("main h1").first).to_be_attached()
    links = page.locator("header nav a")
    expect(links).to_have_count(len(DOORS[name]))
    assert set(links.evaluate_all("all => all.map(a => a.getAttribute('href'))")) == DOORS[name]


@pytest.mark.parametrize(("language", "sentence"), [("en", "is not one of your rooms"), ("zh", "不在您的权限范围内")])
def test_a_forbidden_deep_link_explains_itself(visitor, language, sentence):
    visit = visitor("retail", language=language)
    page = visit.login("/treasury/exposure")
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text("treasury:read")).to_be_visible()
    assert visit.raw_keys() == []


def test_an_address_that_is_none_says_so(visitor):
    page = visitor("finance").login("/no/such/room")
    expect(page.get_by_text("There is no such page.")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "E-mail or password is wrong"), ("zh", "电子邮箱或密码错误")]
)
def test_a_wrong_password_is_said_in_the_readers_language(visitor, language, sentence):
    visit = visitor("retail2", language=language)
    page = visit.page
    page.goto(visit.base + "/trade")
    page.locator("input[type=email]").fill("retail2@demo.rivermouth.example")
    page.locator("input[type=password]").fill("not-the-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_contain_text("invalid_credentials")


def test_scripts_never_see_the_session(visitor):
    visit = visitor("retail")
    page = visit.login()
    assert page.evaluate("() => document.cookie") == ""
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "token" not in kept
    [cookie] = [c for c in page.context.cookies() if c["name"] == "rivermouth_session"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


def test_logging_out_ends_it(visitor):
    visit = visitor("treasury")
    page = visit.login()
    page.get_by_role("button", name="treasury").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("input[type=password]")).to_be_visible()
    assert page.request.get(visit.base + "/v1/me").status == 401


def test_a_login_page_has_no_serious_fault_for_anybody(visitor):
    for theme in ("dark", "light"):
        visit = visitor("retail", theme=theme)
        visit.page.goto(visit.base)
        visit.page.locator("input[type=password]").wait_for()
        assert visit.violations() == []


def test_everything_comes_from_this_host(visitor):
    """The policy forbids it, and the visit would have noticed."""
    visit = visitor("retail")
    answer = visit.page.goto(visit.base)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
