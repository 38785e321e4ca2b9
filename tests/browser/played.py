"""Answers of the API that a test tells the page, so that each state of a thing can be shown when it is wanted."""

import json
from urllib.parse import parse_qs, urlsplit

AT, BEFORE, LATER = "2026-11-22T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-22T11:00:00Z"
CLEAN = ([], [], False)


def in_order(visit):
    return visit.violations(), visit.raw_keys(), visit.sideways()


def play(page, rooms):
    """`rooms`: path below /v1 -> what answers to (method, rest of the path, query, body): the answer, or it with its status."""

    def answer(name):
        def told(route):
            request, parts = route.request, urlsplit(route.request.url)
            rest = parts.path.removeprefix(f"/v1/{name}").strip("/")
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            body = json.loads(request.post_data) if request.post_data else None
            said = rooms[name](request.method, rest, query, body)
            status, data = said if isinstance(said, tuple) else (200, said)
            kind = "application/json" if status < 400 else "application/problem+json"
            route.fulfill(status=status, json=data, content_type=kind)

        return told

    for name in rooms:
        page.route(lambda url, name=name: (urlsplit(url).path + "/").startswith(f"/v1/{name}/"), answer(name))


def listed(rows):
    return {"items": list(rows), "next_cursor": None}


def approvals(asked):
    """The approvals' routes over a list that the test changes."""

    def answer(_method, rest, query, _body):
        if rest:
            return next(one for one in asked if one["id"] == rest)
        return listed(one for one in asked if all(one[key] == query[key] for key in ("kind", "state") if key in query))

    return answer


def approval(kind, resource, summary, **changes):
    return {
        "id": f"a-{resource}", "kind": kind, "resource_id": resource, "summary": summary, "digest": "ab" * 32, "permission": "withdrawals:review", "maker": "p1",
        "maker_name": "Ada", "state": "requested", "checker": None, "checker_name": None, "reason": None, "created_at": AT, "expires_at": LATER, "decided_at": None,
        "ended_at": None, "own": False, "may_decide": False, **changes,
    }  # fmt: skip


class Proof:
    """Refuses the first deed until somebody has proven themselves."""

    def __init__(self):
        self.given = False

    def tell(self, page):
        play(page, {"step-up": self._prove})

    def wanted(self):
        """The refusal, or None once it was given."""
        problem = {
            "status": 403,
            "code": "step_up_required",
            "title": "prove",
            "detail": "prove",
            "methods": ["password"],
        }
        return None if self.given else (403, problem)

    def _prove(self, *_asked):
        self.given = True
        return 204, None

    def give(self, visit, texts):
        """The person shows the password again."""
        asked = visit.page.get_by_role("dialog", name=texts["step_up"]["title"])
        asked.get_by_label(texts["step_up"]["password"]).fill("whatever it is")
        asked.get_by_role("button", name=texts["step_up"]["prove"], exact=True).click()
        asked.wait_for(state="hidden")
        visit.troubles[:] = [one for one in visit.troubles if "status of 403" not in one]


def network(asset, name, title):
    return {
        "asset": asset, "network": name, "title": title, "kind": "evm", "deposits": True, "withdrawals": True, "confirmations": 12, "final_confirmations": 64,
        "memo_required": False, "minimum_deposit": "5", "minimum_withdrawal": "10", "withdrawal_fee": "1.5", "explorer": "https://scan.example/tx/{txid}",
    }  # fmt: skip


def networks(*_asked):
    return listed([network("USDT", "ethereum", "Ethereum")])
