-- The textbook: a transfer locks both balance rows in order, checks, and writes one head and two entries with their running balance.
-- One function, so one round trip; amounts in numeric(38,18). Kept as the plain reference that the ledger is measured against.
CREATE SCHEMA d1f;

CREATE TABLE d1f.balances (
    account bigint PRIMARY KEY,
    balance numeric(38, 18) NOT NULL,
    floor numeric(38, 18) NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    CHECK (balance >= floor)
) WITH (fillfactor = 70);

CREATE TABLE d1f.transfers (
    id uuid PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount numeric(38, 18) NOT NULL CHECK (amount > 0),
    kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE d1f.entries (
    account bigint NOT NULL,
    seq bigint NOT NULL,
    transfer uuid NOT NULL,
    amount numeric(38, 18) NOT NULL,
    balance_after numeric(38, 18) NOT NULL,
    PRIMARY KEY (account, seq)
);
CREATE INDEX entries_of_transfer ON d1f.entries (transfer);

CREATE FUNCTION d1f.transfer(p_key text, p_debit bigint, p_credit bigint, p_amount numeric, p_kind text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := uuidv7();
    v_accounts bigint[] := ARRAY[least(p_debit, p_credit), greatest(p_debit, p_credit)];
    v_account bigint;
    v_delta numeric;
    v_balance numeric;
    v_seq bigint;
BEGIN
    INSERT INTO d1f.transfers (id, idempotency_key, debit, credit, amount, kind)
    VALUES (v_id, p_key, p_debit, p_credit, p_amount, p_kind) ON CONFLICT (idempotency_key) DO NOTHING;
    IF NOT FOUND THEN RETURN 'exists'; END IF;
    FOREACH v_account IN ARRAY v_accounts LOOP
        v_delta := CASE WHEN v_account = p_debit THEN -p_amount ELSE p_amount END;
        UPDATE d1f.balances SET balance = balance + v_delta, version = version + 1 WHERE account = v_account
        RETURNING balance, version INTO v_balance, v_seq;
        INSERT INTO d1f.entries (account, seq, transfer, amount, balance_after) VALUES (v_account, v_seq, v_id, v_delta, v_balance);
    END LOOP;
    RETURN 'ok';
END $$;
