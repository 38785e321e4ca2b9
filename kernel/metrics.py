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
GROUP_COMMIT = Histogram(
    "rivermouth_group_commit_journals", "Journals that shared one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
HTTP_SECONDS = Histogram(
    "rivermouth_http_seconds", "Requests by route template and status", ["method", "route", "status"]
)
INVARIANT_VIOLATIONS = Gauge("rivermouth_invariant_violations", "Violations at the last scheduled check", ["name"])
INVARIANTS_CHECKED = Gauge("rivermouth_invariants_checked_seconds", "Unix time of the last scheduled check")
INCIDENTS = Counter("rivermouth_incidents_total", "Incidents that were opened, by kind", ["kind"])
BREAKS = Counter(
    "rivermouth_reconciliation_breaks_total", "Breaks by source, class and treatment", ["source", "kind", "state"]
)
STREAM_CLIENTS = Gauge("rivermouth_stream_clients", "Open websockets of this process")
STREAM_CUTS = Counter("rivermouth_stream_cuts_total", "Websockets that the server ended, by reason", ["reason"])
AUDIT_LINKS = Counter("rivermouth_audit_links_total", "Entries of the audit that got their place in the chain")
RATE_REFUSALS = Counter("rivermouth_rate_refusals_total", "Requests that were one too many, by class", ["rate"])
LOANS_WATCHED = Gauge("rivermouth_loans_watched", "Running loans in the memory of the watch")
LOANS_MARKED = Histogram("rivermouth_loans_marked_seconds", "One tick of the watch over all loans")
LOAN_LEVELS = Counter(
    "rivermouth_loan_levels_total", "Loans whose level changed, and sales that were begun or could not be", ["what"]
)
CUSTODY_LAG = Gauge("rivermouth_custody_lag", "Events of the custodian that are not applied yet")
CUSTODY_STUCK = Gauge(
    "rivermouth_custody_stuck", "Events of the custodian that could not be applied, and are tried again"
)
EARN_LATE = Gauge("rivermouth_earn_late", "Houses whose payouts are late for a day, by what it is", ["what"])
LENDING_FAILURES = Counter(
    "rivermouth_lending_failures_total",
    "Loans and products that the day's work left for the next run, by what failed",
    ["what"],
)
