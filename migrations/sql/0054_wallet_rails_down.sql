DROP TABLE wallet_bridge.withdrawal_decisions;
DROP TABLE wallet_bridge.house_deposits;
DO $$ BEGIN
    IF EXISTS (SELECT FROM wallet_bridge.treasury_transfers WHERE state = 'settled') THEN
        RAISE EXCEPTION 'transfers that people settled cannot be told without this version';
    END IF;
END $$;
ALTER TABLE wallet_bridge.treasury_transfers
    DROP CONSTRAINT treasury_transfers_two_settle,
    DROP CONSTRAINT treasury_transfers_settled,
    DROP CONSTRAINT treasury_transfers_state_check,
    ADD CONSTRAINT treasury_transfers_state_check CHECK (state IN ('draft', 'rejected', 'cancelled', 'reserved', 'sent', 'unknown',
        'in_transit', 'arrived', 'closed', 'failed', 'not_placed')),
    DROP COLUMN settled_by,
    DROP COLUMN settle_asked_by,
    DROP COLUMN settle_reason,
    DROP COLUMN received_amount,
    DROP COLUMN fee_cap;
DROP TABLE wallet_bridge.house_addresses;
