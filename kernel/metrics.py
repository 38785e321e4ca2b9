"""The numbers that an operator watches, in Prometheus form. Each process has its own registry, shown at its `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

DB_RETRIES = Counter(
    "rivermouth_db_retries_total", "Transactions repeated after a serialization failure or deadlock", ["code"]
)
CALLS = Counter("rivermouth_calls_total", "Calls to the outside by lane, kind and outcome", ["lane", "kind", "outcome"])
CALL_SECONDS = Histogram("rivermouth_call_seconds", "Time between sending a call and its outcome", ["lane", "kind"])
UNKNOWN_CALLS = Gauge("rivermouth_unknown_calls", "Calls whose outcome is not known yet", ["lane"])
FOLD_LAG = Gauge("rivermouth_fold_lag_entries", "Entries committed but not folded yet")
FOLD_LAG_SECONDS = Gauge("rivermouth_fold_lag_seconds", "Age of the oldest entry that is not folded yet")
COMPOSITE_STATE = Gauge("rivermouth_composite_sources", "Usable venues of the composite price", ["symbol"])
ORDERS = Counter("rivermouth_orders_total", "Customer orders by what became of the request", ["outcome"])
EVENTS = Counter("rivermouth_events_total", "Events handled by consumer", ["consumer"])
HTTP_SECONDS = Histogram(
    "rivermouth_http_seconds", "Requests by route template and status", ["method", "route", "status"]
)
