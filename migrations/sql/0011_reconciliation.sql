-- Reconciliation: runs that go on in steps, the breaks they find, tickets with their notes, what the rounding pool took each day,
-- partners' statements, what venues and wallets report, and incidents.
--
-- What a source reports is never an invariant: a difference is a break, which waits, is levelled from the pool within the day's cap, or
-- goes to suspense with a ticket that two people close. Only our own projection is different: it is rebuilt from the journal.

-- What may be levelled without asking anybody; an asset without a row here has the limits of its scale (rules.py).
CREATE TABLE payments.recon_limits (
    tenant_id uuid NOT NULL,
    asset text NOT NULL,
    dust kernel.amount NOT NULL CHECK (dust >= 0),
    daily_cap kernel.amount NOT NULL CHECK (daily_cap >= 0),
    in_transit_for interval NOT NULL CHECK (in_transit_for > interval '0'),
    suspense_for interval NOT NULL CHECK (suspense_for > interval '0'),
    PRIMARY KEY (tenant_id, asset)
);
CALL kernel.protect('payments.recon_limits', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- position: where the next step begins. One run per source and day may come from the schedule, any number from people.
CREATE TABLE payments.recon_runs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    level text NOT NULL CHECK (level IN ('single', 'batch', 'day')),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 64),
    scope text CHECK (length(scope) BETWEEN 1 AND 200),
    day date,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    part smallint NOT NULL DEFAULT 0,
    position text,
    parts smallint NOT NULL CHECK (parts > 0),
    compared bigint NOT NULL DEFAULT 0,
    agreed bigint NOT NULL DEFAULT 0,
    breaks bigint NOT NULL DEFAULT 0,
    levelled bigint NOT NULL DEFAULT 0,
    ticketed bigint NOT NULL DEFAULT 0,
    rebuilt bigint NOT NULL DEFAULT 0,
    reason text,
    requested_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    as_of timestamptz,
    finished_at timestamptz,
    CHECK (level <> 'day' OR day IS NOT NULL)
);
CREATE UNIQUE INDEX recon_runs_scheduled ON payments.recon_runs (tenant_id, source, day)
    WHERE level = 'day' AND requested_by = '00000000-0000-0000-0000-000000000000';
CREATE INDEX recon_runs_waiting ON payments.recon_runs (id) WHERE state IN ('queued', 'running');
CREATE INDEX recon_runs_newest ON payments.recon_runs (tenant_id, id DESC);
CREATE INDEX recon_runs_of_day ON payments.recon_runs (tenant_id, day) WHERE day IS NOT NULL;
CALL kernel.protect('payments.recon_runs', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- A break. difference = theirs - ours, both counted as what we own there. account_id: the ledger account that a correction moves;
-- suspended: the difference lies in suspense until the ticket is closed. theirs_text: the other side's figure as it was written.
CREATE TABLE payments.recon_items (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL REFERENCES payments.recon_runs,
    level text NOT NULL CHECK (level IN ('single', 'batch', 'day')),
    source text NOT NULL,
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 400),
    asset text NOT NULL,
    account_id bigint REFERENCES payments.accounts,
    ours numeric,
    theirs numeric,
    theirs_text text,
    difference numeric NOT NULL,
    class text NOT NULL CHECK (class IN ('in_transit', 'unbooked_fee', 'dust', 'duplicate', 'missing_ours', 'missing_theirs',
                                         'wrong_amount', 'projection', 'unknown')),
    state text NOT NULL CHECK (state IN ('open', 'cleared', 'levelled', 'ticketed', 'proposed', 'resolved')),
    suspended boolean NOT NULL DEFAULT false,
    journal_id uuid,
    raw jsonb NOT NULL DEFAULT '{}',
    day date NOT NULL,
    times integer NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK (NOT suspended OR account_id IS NOT NULL),
    CHECK (state <> 'levelled' OR journal_id IS NOT NULL)
);
-- The same difference seen again is the same break.
CREATE UNIQUE INDEX recon_items_once ON payments.recon_items (tenant_id, source, reference, asset)
    WHERE state IN ('open', 'ticketed', 'proposed') AND NOT suspended;
CREATE INDEX recon_items_reference ON payments.recon_items (tenant_id, source, reference);
CREATE INDEX recon_items_newest ON payments.recon_items (tenant_id, id DESC);
CREATE INDEX recon_items_live ON payments.recon_items (tenant_id, first_seen_at) WHERE state IN ('open', 'ticketed', 'proposed');
CREATE INDEX recon_items_of_day ON payments.recon_items (tenant_id, day);
CREATE INDEX recon_items_of_run ON payments.recon_items (run_id);
CALL kernel.protect('payments.recon_items', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What people do about a break: one proposes how to close it, another one confirms.
CREATE TABLE payments.tickets (
    item_id uuid PRIMARY KEY REFERENCES payments.recon_items,
    tenant_id uuid NOT NULL,
    owner uuid,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    resolution text CHECK (resolution IN ('close', 'book_fee', 'write_off', 'give_back', 'to_account')),
    target_account bigint REFERENCES payments.accounts,
    proposed_by uuid,
    proposed_at timestamptz,
    confirmed_by uuid,
    confirmed_at timestamptz,
    journal_id uuid,
    CHECK (confirmed_by IS NULL OR (proposed_by IS NOT NULL AND confirmed_by <> proposed_by)),
    CHECK ((resolution = 'to_account') = (target_account IS NOT NULL) OR resolution IS NULL)
);
CALL kernel.protect('payments.tickets', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE payments.ticket_notes (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    item_id uuid NOT NULL REFERENCES payments.recon_items,
    author uuid NOT NULL,
    at timestamptz NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000)
);
CREATE INDEX ticket_notes_of_item ON payments.ticket_notes (item_id, id);
CALL kernel.protect('payments.ticket_notes', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- What the pool levelled in one day. The cap is the one that held when the day's first amount came; used never passes it.
CREATE TABLE payments.rounding_days (
    tenant_id uuid NOT NULL,
    asset text NOT NULL,
    day date NOT NULL,
    cap kernel.amount NOT NULL,
    used kernel.amount NOT NULL CHECK (used >= 0),
    net kernel.amount NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, asset, day),
    CHECK (used <= cap),
    CHECK (abs(net) <= used)
);
CALL kernel.protect('payments.rounding_days', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- A partner's account statement as it was uploaded. Amounts count what we own there: plus is more for us.
CREATE TABLE payments.recon_statements (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    partner text NOT NULL CHECK (length(partner) BETWEEN 1 AND 64),
    account_id bigint NOT NULL REFERENCES payments.accounts,
    asset text NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    lines integer NOT NULL CHECK (lines > 0),
    total numeric NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL,
    CHECK (first_at <= last_at),
    UNIQUE (tenant_id, account_id, sha256)
);
CALL kernel.protect('payments.recon_statements', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- journal_id: our journal that this line was found to be; a journal answers for one line only.
CREATE TABLE payments.statement_lines (
    tenant_id uuid NOT NULL,
    statement_id uuid NOT NULL REFERENCES payments.recon_statements,
    line integer NOT NULL CHECK (line > 0),
    account_id bigint NOT NULL,
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    at timestamptz NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount <> 0),
    original text NOT NULL,
    note text NOT NULL DEFAULT '',
    journal_id uuid,
    PRIMARY KEY (statement_id, line)
);
CREATE INDEX statement_lines_reference ON payments.statement_lines (account_id, reference);
CREATE UNIQUE INDEX statement_lines_journal ON payments.statement_lines (account_id, journal_id) WHERE journal_id IS NOT NULL;
CALL kernel.protect('payments.statement_lines', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What is wrong with the house itself: a broken invariant, a projection that had to be rebuilt, a pool that drifts one way.
CREATE TABLE payments.incidents (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('invariant', 'projection', 'rounding_drift')),
    name text NOT NULL,
    detail text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    times integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX incidents_one_open ON payments.incidents (tenant_id, kind, name) WHERE state = 'open';
CALL kernel.protect('payments.incidents', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Finds what an account's journal says within a window of time, without its primary key: a statement is matched by these.
CREATE INDEX journals_of_reference ON payments.journals (tenant_id, (meta ->> 'reference')) WHERE meta ? 'reference';

-- The projection of one account made anew from the journal. The row is locked first, so that no hold and no fold of this account runs
-- beside it; what the folder has not reached yet stays its business.
CREATE FUNCTION payments.balance_rebuild(p_account bigint)
RETURNS TABLE (posted_before numeric, held_before numeric, posted_after numeric, held_after numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_posted numeric;
    v_held numeric;
    v_true_posted numeric;
    v_true_held numeric;
BEGIN
    SELECT b.posted, b.held INTO v_posted, v_held FROM payments.balances b
     WHERE b.account_id = p_account AND b.tenant_id = v_tenant FOR UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT t.posted, t.held INTO v_true_posted, v_true_held FROM payments.projection_of(ARRAY[p_account]) t;
    IF (v_posted, v_held) IS DISTINCT FROM (v_true_posted, v_true_held) THEN
        UPDATE payments.balances b SET posted = v_true_posted, held = v_true_held, version = b.version + 1
         WHERE b.account_id = p_account;
    END IF;
    RETURN QUERY SELECT v_posted, v_held, v_true_posted, v_true_held;
END $$;

GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
ALTER FUNCTION payments.balance_rebuild(bigint) OWNER TO rivermouth_ledger;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;
REVOKE ALL ON FUNCTION payments.balance_rebuild(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments.balance_rebuild(bigint) TO rivermouth_app, rivermouth_engine;

-- What wallets report (whoever keeps the keys tells it); our side are the custody accounts wallet.<name>:<asset>.
CREATE TABLE wallet_bridge.wallet_reports (
    tenant_id uuid NOT NULL,
    wallet text NOT NULL CHECK (length(wallet) BETWEEN 1 AND 64),
    asset text NOT NULL,
    reported kernel.amount NOT NULL,
    original text NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, wallet, asset)
);
CALL kernel.protect('wallet_bridge.wallet_reports', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- The venues' own lists of our executions, read by the engine. read_from .. read_through: the time that a list is complete for.
CREATE TABLE broker.venue_trades (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    trade_id text NOT NULL,
    venue_order_id text NOT NULL,
    side text NOT NULL,
    price kernel.amount NOT NULL,
    quantity kernel.amount NOT NULL,
    fee kernel.amount NOT NULL,
    fee_asset text NOT NULL,
    executed_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, venue, symbol, trade_id)
);
CREATE INDEX venue_trades_time ON broker.venue_trades (tenant_id, executed_at);
CREATE INDEX fills_time ON broker.fills (tenant_id, executed_at);
CALL kernel.protect('broker.venue_trades', app => 'SELECT', engine => 'SELECT, INSERT');

CREATE TABLE broker.trade_reads (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    read_from timestamptz NOT NULL,
    read_through timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, symbol),
    CHECK (read_from <= read_through)
);
CALL kernel.protect('broker.trade_reads', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
