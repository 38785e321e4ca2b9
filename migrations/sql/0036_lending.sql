-- Loans against collateral. A rate or a line is a fraction; a line is also kept as the exact loan-to-value at which it is hit, two integers.
CREATE SCHEMA lending;
GRANT USAGE ON SCHEMA lending TO rivermouth_app, rivermouth_engine;

-- Collateral of a loan, and what a liquidation works with, belong to the customer but are not theirs to spend.
ALTER TABLE payments.accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE payments.accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN
    ('customer', 'pledged', 'liquidation', 'house', 'revenue', 'expense', 'custody', 'external', 'in_transit', 'receivable', 'pool', 'suspense'));
ALTER TABLE payments.accounts ADD CONSTRAINT accounts_pledged_check
    CHECK (kind NOT IN ('pledged', 'liquidation') OR (guarded AND owner IS NOT NULL));

-- Where the lent money comes from. `drawn` is what the source has given and not got back.
CREATE TABLE lending.funding_lines (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    adapter text NOT NULL CHECK (adapter IN ('ledger', 'bitfinex')),
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 64),
    asset text NOT NULL,
    line_limit kernel.amount NOT NULL CHECK (line_limit >= 0),
    rate kernel.amount NOT NULL CHECK (rate >= 0),
    day_count text NOT NULL,
    drawn kernel.amount NOT NULL DEFAULT 0 CHECK (drawn >= 0 AND drawn <= line_limit),
    -- Cost accrued and not yet paid to the source, to the day `accrued_through`; exact between two days.
    accrued kernel.amount NOT NULL DEFAULT 0 CHECK (accrued >= 0),
    accrued_through date NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, name)
);
CALL kernel.protect('lending.funding_lines', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE lending.funding_moves (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES lending.funding_lines (id),
    loan_id uuid,
    kind text NOT NULL CHECK (kind IN ('draw', 'repay', 'cost')),
    amount kernel.amount NOT NULL CHECK (amount > 0),
    status text NOT NULL CHECK (status IN ('asked', 'done', 'refused', 'unknown')),
    -- Of money taken at a venue: the number of the bid, and the numbers of what was taken and is not returned yet.
    bid_ref text,
    taken_refs text[] NOT NULL DEFAULT '{}',
    journal_id uuid,
    at timestamptz NOT NULL
);
CREATE INDEX funding_moves_of_line ON lending.funding_moves (line_id, id DESC);
CREATE INDEX funding_moves_of_loan ON lending.funding_moves (loan_id, id);
CALL kernel.protect('lending.funding_moves', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- A version never changes once it is published; a loan keeps the version it was made under.
CREATE TABLE lending.loan_products (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    status text NOT NULL CHECK (status IN ('draft', 'published', 'retired')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    asset text NOT NULL,
    funding_line_id uuid NOT NULL REFERENCES lending.funding_lines (id),
    -- Everything the version promises, as its editor typed it; lending/products/terms.py names each field.
    terms jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, id, version)
);
CREATE UNIQUE INDEX loan_products_published ON lending.loan_products (tenant_id, id) WHERE status = 'published';
CREATE UNIQUE INDEX loan_products_draft ON lending.loan_products (tenant_id, id) WHERE status = 'draft';
CALL kernel.protect('lending.loan_products', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE lending.product_collaterals (
    tenant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    version integer NOT NULL,
    asset text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('PRICE_FRACTION', 'LTV', 'COVERAGE')),
    pledge kernel.amount NOT NULL,
    warning kernel.amount NOT NULL,
    displayed kernel.amount NOT NULL,
    actual kernel.amount NOT NULL,
    hard kernel.amount NOT NULL,
    -- The same lines as loan-to-values in lowest terms, numerator and denominator: pledge, warning, displayed, actual, hard.
    ltv_numerators numeric[] NOT NULL CHECK (cardinality(ltv_numerators) = 5),
    ltv_denominators numeric[] NOT NULL CHECK (cardinality(ltv_denominators) = 5),
    haircut kernel.amount NOT NULL DEFAULT 0 CHECK (haircut >= 0 AND haircut < 1),
    asset_cap kernel.amount,
    PRIMARY KEY (tenant_id, product_id, version, asset),
    FOREIGN KEY (tenant_id, product_id, version) REFERENCES lending.loan_products (tenant_id, id, version) ON DELETE CASCADE
);
CALL kernel.protect('lending.product_collaterals', app => 'SELECT, INSERT, UPDATE, DELETE', engine => 'SELECT, INSERT');

-- Floating products: `factor` is the interest of one unit since the product began until `from_day`, `rate` counts from that day on.
CREATE TABLE lending.rate_indexes (
    tenant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    from_day date NOT NULL,
    factor kernel.amount NOT NULL CHECK (factor >= 0),
    rate kernel.amount NOT NULL CHECK (rate >= 0),
    announced_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, product_id, from_day)
);
CALL kernel.protect('lending.rate_indexes', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

CREATE TABLE lending.loan_quotes (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    version integer NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee kernel.amount NOT NULL CHECK (fee >= 0),
    rate kernel.amount NOT NULL,
    tenor_days integer NOT NULL CHECK (tenor_days > 0),
    collateral jsonb NOT NULL,
    -- The prices it was made from, with venues, state and time each.
    prices jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    loan_id uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX loan_quotes_of_customer ON lending.loan_quotes (tenant_id, customer_id, id DESC);
CREATE INDEX loan_quotes_age ON lending.loan_quotes (created_at) WHERE loan_id IS NULL;
CALL kernel.protect('lending.loan_quotes', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, DELETE');

-- Debt: principal + interest_owed + fee_owed + penalty_owed, all due to be paid, and the exact interest on the principal since interest_from.
CREATE TABLE lending.loans (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    version integer NOT NULL,
    quote_id uuid NOT NULL UNIQUE REFERENCES lending.loan_quotes (id),
    asset text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('applied', 'active', 'matured_overdue', 'liquidating', 'repaid', 'liquidated', 'bad_debt', 'written_off', 'cancelled', 'closed')),
    drawn kernel.amount NOT NULL CHECK (drawn > 0),
    principal kernel.amount NOT NULL CHECK (principal >= 0),
    rate kernel.amount NOT NULL CHECK (rate >= 0),
    interest_from date NOT NULL,
    interest_owed kernel.amount NOT NULL DEFAULT 0 CHECK (interest_owed >= 0),
    fee_owed kernel.amount NOT NULL DEFAULT 0 CHECK (fee_owed >= 0),
    penalty_owed kernel.amount NOT NULL DEFAULT 0 CHECK (penalty_owed >= 0),
    -- All interest ever charged in whole units, so that the daily journals can be compared with the loans.
    interest_charged kernel.amount NOT NULL DEFAULT 0,
    -- What the lines go by when they do not go by the live debt: the debt at the last event, and at the payout with its collateral.
    debt_at_event kernel.amount NOT NULL,
    origination jsonb NOT NULL,
    opened_on date NOT NULL,
    matures_on date NOT NULL,
    auto_top_up boolean NOT NULL DEFAULT false,
    auto_repay boolean NOT NULL DEFAULT false,
    level text NOT NULL DEFAULT 'HEALTHY' CHECK (level IN ('HEALTHY', 'WARNING', 'MARGIN_CALL', 'PENDING_LIQUIDATION', 'LIQUIDATING')),
    below integer NOT NULL DEFAULT 0,
    below_since timestamptz,
    frozen_since timestamptz,
    row_version bigint NOT NULL DEFAULT 1,
    -- The transaction of the last change: who keeps the book in memory asks for what is newer.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX loans_of_customer ON lending.loans (tenant_id, customer_id, id DESC);
CREATE INDEX loans_live ON lending.loans (id) WHERE status IN ('active', 'matured_overdue', 'liquidating');
CREATE INDEX loans_changed ON lending.loans (xid);
CREATE INDEX loans_maturing ON lending.loans (matures_on) WHERE status = 'active';
CALL kernel.protect('lending.loans', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE lending.loan_collaterals (
    tenant_id uuid NOT NULL,
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    asset text NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (loan_id, asset)
);
CALL kernel.protect('lending.loan_collaterals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- The timeline. `seq` counts per loan; `shown` is what the customer may read of it.
CREATE TABLE lending.loan_events (
    tenant_id uuid NOT NULL,
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    seq integer NOT NULL,
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    shown boolean NOT NULL,
    payload jsonb NOT NULL,
    journal_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (loan_id, seq)
);
CALL kernel.protect('lending.loan_events', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

CREATE TABLE lending.loan_instalments (
    tenant_id uuid NOT NULL,
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    n integer NOT NULL CHECK (n >= 1),
    -- A repayment ahead of time makes a new plan; the rows of the old one are void.
    plan integer NOT NULL DEFAULT 1,
    due_on date NOT NULL,
    interest kernel.amount NOT NULL CHECK (interest >= 0),
    principal kernel.amount NOT NULL CHECK (principal >= 0),
    paid kernel.amount NOT NULL DEFAULT 0 CHECK (paid >= 0 AND paid <= interest + principal),
    status text NOT NULL CHECK (status IN ('pending', 'due', 'paid', 'void')),
    PRIMARY KEY (loan_id, plan, n)
);
CREATE INDEX loan_instalments_pending ON lending.loan_instalments (due_on, loan_id) WHERE status IN ('pending', 'due');
CALL kernel.protect('lending.loan_instalments', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What was seen when a level changed or a price could not be trusted: never changed, kept as long as the loan.
CREATE TABLE lending.price_evidence (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    from_level text NOT NULL,
    to_level text NOT NULL,
    line text,
    debt kernel.amount NOT NULL,
    -- Per asset: price, wall time, age, state, venues and what each of them said.
    prices jsonb NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX price_evidence_of_loan ON lending.price_evidence (loan_id, id);
CALL kernel.protect('lending.price_evidence', app => 'SELECT', engine => 'SELECT, INSERT');

CREATE TABLE lending.liquidations (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    cause text NOT NULL CHECK (cause IN ('line', 'overdue', 'customer')),
    mode text NOT NULL CHECK (mode IN ('FULL', 'PARTIAL')),
    status text NOT NULL CHECK (status IN ('open', 'selling', 'paused', 'settling', 'done', 'shortfall')),
    evidence_id uuid,
    -- The debt when it was decided, by its parts: interest stops here.
    owed jsonb NOT NULL,
    -- Per asset: quantity to sell, price at the trigger, floor price.
    plan jsonb NOT NULL,
    budget kernel.amount NOT NULL CHECK (budget >= 0 AND budget < 1),
    -- Repaying from the collateral: selling ends once this much was earned. Without it, once debt and fee are paid.
    wanted kernel.amount CHECK (wanted > 0),
    settlement jsonb,
    pause_reason text,
    opened_at timestamptz NOT NULL,
    settled_at timestamptz,
    next_try_at timestamptz NOT NULL,
    row_version bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX liquidations_open ON lending.liquidations (loan_id) WHERE status NOT IN ('done', 'shortfall');
CREATE INDEX liquidations_live ON lending.liquidations (next_try_at) WHERE status NOT IN ('done', 'shortfall');
CALL kernel.protect('lending.liquidations', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE lending.liquidation_orders (
    tenant_id uuid NOT NULL,
    liquidation_id uuid NOT NULL REFERENCES lending.liquidations (id),
    n integer NOT NULL CHECK (n >= 1),
    order_id uuid NOT NULL UNIQUE,
    asset text NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    floor_price kernel.amount NOT NULL CHECK (floor_price > 0),
    sold kernel.amount NOT NULL DEFAULT 0,
    proceeds kernel.amount NOT NULL DEFAULT 0,
    status text NOT NULL CHECK (status IN ('sent', 'ended')),
    PRIMARY KEY (liquidation_id, n)
);
CALL kernel.protect('lending.liquidation_orders', app => 'SELECT, INSERT', engine => 'SELECT, INSERT, UPDATE');

-- Levels from 1: no new liquidations, 2: none may be priced again, 3: nothing is sold. Of one asset, or of all.
CREATE TABLE lending.breakers (
    tenant_id uuid NOT NULL,
    asset text NOT NULL,
    level integer NOT NULL CHECK (level BETWEEN 0 AND 3),
    reason text NOT NULL,
    set_by uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, asset)
);
CALL kernel.protect('lending.breakers', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Since when no price of a collateral can be believed by the guard of a product version: nothing is decided meanwhile.
CREATE TABLE lending.freezes (
    tenant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    version integer NOT NULL,
    asset text NOT NULL,
    since timestamptz NOT NULL,
    seen jsonb,
    alarmed_at timestamptz,
    PRIMARY KEY (tenant_id, product_id, version, asset)
);
CALL kernel.protect('lending.freezes', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

-- A freeze longer than its product allows: two people prolong it, or enter a price with evidence of two venues.
CREATE TABLE lending.entered_prices (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    asset text NOT NULL,
    quote text NOT NULL,
    price kernel.amount CHECK (price > 0),
    evidence jsonb NOT NULL,
    until timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'standing', 'refused')),
    proposed_by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX entered_prices_standing ON lending.entered_prices (tenant_id, asset, until DESC) WHERE status = 'standing';
CALL kernel.protect('lending.entered_prices', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE');

CREATE TABLE lending.bad_debts (
    tenant_id uuid NOT NULL,
    liquidation_id uuid PRIMARY KEY REFERENCES lending.liquidations (id),
    loan_id uuid NOT NULL REFERENCES lending.loans (id),
    asset text NOT NULL,
    insured kernel.amount NOT NULL CHECK (insured >= 0),
    lost kernel.amount NOT NULL CHECK (lost >= 0),
    at timestamptz NOT NULL
);
CALL kernel.protect('lending.bad_debts', app => 'SELECT', engine => 'SELECT, INSERT');

-- How far a daily job has come, per shard (a product or a funding line): what it booked, so that a repeat books nothing.
CREATE TABLE lending.accruals (
    tenant_id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('product', 'funding')),
    subject_id uuid NOT NULL,
    day date NOT NULL,
    amount kernel.amount NOT NULL,
    -- Of the subject since its beginning, this day included.
    total kernel.amount NOT NULL,
    -- Of a product: what the money of its loans cost on the days this row books, by its line's rate; the rest of `amount` is the spread.
    cost kernel.amount NOT NULL DEFAULT 0,
    journal_id uuid,
    PRIMARY KEY (tenant_id, subject_kind, subject_id, day)
);
CALL kernel.protect('lending.accruals', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');
