-- The custodian's event that told the draft last: signatures may also be fewer than before, where a Safe lost an owner.
ALTER TABLE wallet_bridge.cold_spends ADD COLUMN draft_seq bigint;
