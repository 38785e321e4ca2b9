-- What customers have with a template: the subscription, the plan of what is paid and when, and how much of it they may have.
CREATE TABLE earn.subscriptions (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    instance_id uuid NOT NULL REFERENCES earn.instances (id),
    template_id uuid NOT NULL,
    order_id uuid NOT NULL UNIQUE,
    asset text NOT NULL,
    -- The account that is paid into.
    account_id bigint NOT NULL,
    principal kernel.amount NOT NULL CHECK (principal > 0),
    apr_applied kernel.amount NOT NULL CHECK (apr_applied >= 0),
    value_date date NOT NULL,
    maturity date NOT NULL CHECK (maturity > value_date),
    zone text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'paid_out', 'redeemed_early')),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- Of one that was redeemed early: what came back beside the rows that were due.
    accrued kernel.amount CHECK (accrued >= 0),
    clawed_back kernel.amount CHECK (clawed_back >= 0),
    CHECK ((status = 'active') = (ended_at IS NULL)),
    CHECK ((status = 'redeemed_early') = (accrued IS NOT NULL) AND (accrued IS NULL) = (clawed_back IS NULL))
);
CREATE INDEX subscriptions_of_customer ON earn.subscriptions (tenant_id, customer_id, id DESC);
CREATE INDEX subscriptions_of_instance ON earn.subscriptions (instance_id);
CALL kernel.protect('earn.subscriptions', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- `due_at` is the beginning of the due date in the template's zone.
CREATE TABLE earn.repayment_rows (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL REFERENCES earn.subscriptions (id),
    seq integer NOT NULL CHECK (seq >= 1),
    period_start date NOT NULL,
    period_end date NOT NULL CHECK (period_end > period_start),
    due_date date NOT NULL,
    due_at timestamptz NOT NULL,
    interest kernel.amount NOT NULL CHECK (interest >= 0),
    principal kernel.amount NOT NULL CHECK (principal >= 0),
    status text NOT NULL CHECK (status IN ('pending', 'paid', 'void')),
    ended_at timestamptz,
    PRIMARY KEY (subscription_id, seq),
    CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX repayment_rows_pending ON earn.repayment_rows (tenant_id, due_at, subscription_id, seq) WHERE status = 'pending';
CALL kernel.protect('earn.repayment_rows', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What a customer has of a template: of one day of sale, and running in all (`day` is the first of all days).
CREATE TABLE earn.caps (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    template_id uuid NOT NULL,
    day date NOT NULL,
    taken kernel.amount NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (tenant_id, customer_id, template_id, day)
);
CALL kernel.protect('earn.caps', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Interest that we owe the customers of a template by now: booked when days pass, less what was paid. `seq` numbers its journals.
CREATE TABLE earn.accruals (
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    asset text NOT NULL,
    owed kernel.amount NOT NULL,
    seq bigint NOT NULL,
    accrued_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, template_id)
);
CALL kernel.protect('earn.accruals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What interest cost on a day, by template: what the day's journals booked.
CREATE TABLE earn.costs (
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    day date NOT NULL,
    amount kernel.amount NOT NULL,
    PRIMARY KEY (tenant_id, template_id, day)
);
CALL kernel.protect('earn.costs', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Runs of the payout: what was due by `due_by`, and how far it got.
CREATE TABLE earn.runs (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    due_by timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    paid integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0
);
CALL kernel.protect('earn.runs', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
