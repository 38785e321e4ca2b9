-- Stored routing plans: what a round of an order, or of many orders together, was decided on, and what was decided. Written once.
CREATE TABLE broker.plans (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    made_at timestamptz NOT NULL,
    -- Books as far as they could matter, fees, skews, haircuts, grids and funds: the legs can be computed again from this alone.
    problem jsonb NOT NULL,
    legs jsonb NOT NULL,
    -- What each venue showed, in which state and age, and why it was passed over.
    evidence jsonb NOT NULL,
    -- Money of all legs together and of the best venue alone, in quote: with the venues' fees where it says `effective`.
    planned_quantity kernel.amount NOT NULL,
    planned_cost kernel.amount NOT NULL,
    planned_effective_cost kernel.amount NOT NULL,
    best_venue text,
    best_effective_cost kernel.amount,
    saving kernel.amount
);
CREATE INDEX plans_time ON broker.plans (tenant_id, made_at);
CALL kernel.protect('broker.plans', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- Whom a plan was for; the children of a round carry the moment of its plan.
CREATE TABLE broker.plan_orders (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    round integer NOT NULL CHECK (round > 0),
    plan_id uuid NOT NULL REFERENCES broker.plans (id),
    PRIMARY KEY (order_id, round)
);
CREATE INDEX plan_orders_of_plan ON broker.plan_orders (plan_id);
CALL kernel.protect('broker.plan_orders', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');
