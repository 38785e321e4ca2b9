DROP TABLE wallet_bridge.deposit_refunds;
ALTER TABLE wallet_bridge.deposits
    DROP CONSTRAINT deposits_refund_status,
    DROP CONSTRAINT deposits_refund_place,
    DROP CONSTRAINT deposits_refund,
    DROP CONSTRAINT deposits_place_check,
    ADD CONSTRAINT deposits_place_check CHECK (place IN ('customer', 'held', 'suspense', 'small')),
    DROP CONSTRAINT deposits_status_check,
    ADD CONSTRAINT deposits_status_check CHECK (status IN ('seen', 'confirming', 'credited', 'final', 'held', 'released', 'refunding', 'orphaned',
        'reversed', 'below_minimum', 'suspense')),
    DROP COLUMN refund_refused,
    DROP COLUMN refund_txid,
    DROP COLUMN refund_id;
