-- Coupons: a boost of the rate that the marketing budget pays. A published one never changes but in `used`, and ends as stopped.
CREATE TABLE earn.coupons (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'stopped')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    asset text NOT NULL,
    apr_boost kernel.amount NOT NULL CHECK (apr_boost > 0),
    -- The boost counts on the principal up to here, and for so many days of the term; without days for all of it.
    max_principal kernel.amount NOT NULL CHECK (max_principal > 0),
    days integer CHECK (days >= 1),
    minimum kernel.amount NOT NULL CHECK (minimum >= 0),
    -- The templates it is good for; none named are all of the asset.
    templates uuid[] NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    uses_per_customer integer NOT NULL CHECK (uses_per_customer >= 1),
    -- Whom it is for; NULL is everybody.
    customers uuid[],
    budget kernel.amount NOT NULL CHECK (budget > 0),
    -- What its subscriptions took of the budget and did not give back.
    used kernel.amount NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND budget),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    stopped_at timestamptz,
    CHECK ((status = 'stopped') = (stopped_at IS NOT NULL)),
    CHECK (status <> 'published' OR published_at IS NOT NULL)
);
CREATE INDEX coupons_of_tenant ON earn.coupons (tenant_id, id DESC);
CALL kernel.protect('earn.coupons', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- `amount` is the whole bonus of a plan, reserved when it was made; an early end forfeits what was not paid, and may take back what was.
CREATE TABLE earn.coupon_uses (
    tenant_id uuid NOT NULL,
    subscription_id uuid PRIMARY KEY REFERENCES earn.subscriptions (id),
    coupon_id uuid NOT NULL REFERENCES earn.coupons (id),
    customer_id uuid NOT NULL,
    template_id uuid NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    forfeited kernel.amount NOT NULL DEFAULT 0 CHECK (forfeited >= 0),
    clawed_back kernel.amount NOT NULL DEFAULT 0 CHECK (clawed_back >= 0),
    used_at timestamptz NOT NULL,
    CHECK (forfeited + clawed_back <= amount)
);
CREATE INDEX coupon_uses_of_customer ON earn.coupon_uses (coupon_id, customer_id);
CALL kernel.protect('earn.coupon_uses', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- What the coupon adds to the interest of a row.
ALTER TABLE earn.repayment_rows ADD COLUMN bonus kernel.amount NOT NULL DEFAULT 0 CHECK (bonus >= 0);
