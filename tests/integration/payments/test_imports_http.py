"""Imports over HTTP: one sends, another decides, everybody who reads the books may look."""

from uuid import UUID

from payments.imports import service


def test_over_http(house):
    first, second = house.auth("finance"), house.auth("auditor")
    csv = "journal,account,amount,kind,effective_at,memo\n1,1,-1,,,\n1,2,1,,,\n"
    kind = {"Content-Type": "text/csv"}
    sent = house.client.post("/v1/ledger/imports", content=csv, headers=first | kind | {"Idempotency-Key": "i1"})
    assert sent.status_code == 202, sent.text
    import_id = sent.json()["id"]
    again = house.client.post("/v1/ledger/imports", content=csv, headers=first | kind | {"Idempotency-Key": "i1"})
    assert (again.status_code, again.json()["id"]) == (200, import_id)
    body = {"sha256": sent.json()["sha256"]}
    assert (
        house.client.post(f"/v1/ledger/imports/{import_id}/approve", json=body, headers=first).json()["code"]
        == "second_person_required"
    )
    assert house.client.post(f"/v1/ledger/imports/{import_id}/approve", json=body, headers=second).status_code == 403
    service.run(house.first, UUID(import_id))
    seen = house.client.get(f"/v1/ledger/imports/{import_id}", headers=second).json()
    assert (seen["status"], seen["rows"], seen["refused"]) == ("awaiting_approval", 1, {"account_not_found": 1})
    rows = house.client.get(f"/v1/ledger/imports/{import_id}/rows", params={"refused": True}, headers=second).json()[
        "items"
    ]
    assert [(r["row"], r["line"], r["amounts"], r["status"]) for r in rows] == [
        (1, 2, ["-1", "1"], "account_not_found")
    ]
    gone = house.client.post(f"/v1/ledger/imports/{import_id}/reject", headers=first)
    assert gone.json()["status"] == "rejected"
    assert (
        house.client.get("/v1/ledger/imports", params={"limit": 1}, headers=second).json()["items"][0]["id"]
        == import_id
    )
    for content, headers in ((b"", kind), (b"x", kind), (b"{}", {"Content-Type": "application/json"}), (b"\xff", kind)):
        assert (
            house.client.post("/v1/ledger/imports", content=content, headers=first | headers).json()["code"]
            == "invalid_import"
        )
    cursor = {"cursor": "eyJ"}
    assert house.client.get(f"/v1/ledger/imports/{import_id}/rows", params=cursor, headers=first).status_code == 400
