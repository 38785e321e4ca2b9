-- Held deposits that two people send back. The deposit's row knows the payment that is under way or was made; each payment has its own.

ALTER TABLE wallet_bridge.deposits
    ADD COLUMN refund_id uuid,
    ADD COLUMN refund_txid text CHECK (refund_txid <> ''),
    ADD COLUMN refund_refused text,
    DROP CONSTRAINT deposits_status_check,
    ADD CONSTRAINT deposits_status_check CHECK (status IN ('seen', 'confirming', 'credited', 'final', 'held', 'released', 'refunding',
        'refunded', 'orphaned', 'reversed', 'below_minimum', 'suspense')),
    DROP CONSTRAINT deposits_place_check,
    ADD CONSTRAINT deposits_place_check CHECK (place IN ('customer', 'held', 'suspense', 'small', 'refunded')),
    ADD CONSTRAINT deposits_refund CHECK (refund_txid IS NULL OR refund_id IS NOT NULL),
    -- What is being sent back, or was, is never a customer's.
    ADD CONSTRAINT deposits_refund_place CHECK (refund_id IS NULL OR place IS NULL OR place = CASE WHEN refund_txid IS NULL THEN 'held' ELSE 'refunded' END),
    ADD CONSTRAINT deposits_refund_status CHECK (CASE status WHEN 'refunding' THEN refund_id IS NOT NULL AND refund_txid IS NULL AND place = 'held'
        WHEN 'refunded' THEN refund_txid IS NOT NULL AND place = 'refunded' ELSE place IS DISTINCT FROM 'refunded' END);

CREATE TABLE wallet_bridge.deposit_refunds (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    deposit_id uuid NOT NULL REFERENCES wallet_bridge.deposits (id),
    asset text NOT NULL REFERENCES payments.assets (code),
    network text NOT NULL,
    address text NOT NULL,
    memo text,
    -- What arrives; with the fee it is what had come.
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee kernel.amount NOT NULL CHECK (fee >= 0),
    fee_cap kernel.amount NOT NULL CHECK (fee_cap > 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL CHECK (state IN ('reserved', 'sent', 'signed', 'broadcast', 'confirming', 'final', 'cancelled', 'failed', 'unknown',
        'not_placed', 'manual')),
    txid text,
    confirmations integer NOT NULL DEFAULT 0,
    reported_at timestamptz,
    -- The custodian said what cannot be: people look.
    contradiction text,
    ended_because text,
    cancel_asked_at timestamptz,
    asked_by uuid NOT NULL,
    approved_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (approved_by <> asked_by),
    CHECK ((ended_at IS NOT NULL) = (state IN ('final', 'cancelled', 'failed', 'not_placed'))),
    CHECK (state <> 'final' OR txid IS NOT NULL)
);
-- A deposit goes back once: one payment is under way at a time, and none after one that was made.
CREATE UNIQUE INDEX deposit_refunds_once ON wallet_bridge.deposit_refunds (deposit_id) WHERE state NOT IN ('cancelled', 'failed', 'not_placed');
CREATE INDEX deposit_refunds_leaving ON wallet_bridge.deposit_refunds (tenant_id, network, asset) WHERE ended_at IS NULL;
CALL kernel.protect('wallet_bridge.deposit_refunds', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
