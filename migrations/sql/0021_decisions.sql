-- What people decide about venue orders that nobody can resolve.
CREATE TABLE broker.decisions (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    venue_order_id uuid NOT NULL REFERENCES broker.venue_orders (id),
    verdict text NOT NULL CHECK (verdict IN ('not_placed', 'ended')),
    fills jsonb NOT NULL,
    evidence text NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'confirmed', 'carried_out', 'withdrawn', 'overtaken')),
    proposed_by uuid NOT NULL,
    confirmed_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (confirmed_by <> proposed_by),
    CHECK (status NOT IN ('confirmed', 'carried_out') OR confirmed_by IS NOT NULL)
);
CREATE UNIQUE INDEX decisions_one_open ON broker.decisions (venue_order_id) WHERE status IN ('proposed', 'confirmed');
CALL kernel.protect('broker.decisions', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE');
