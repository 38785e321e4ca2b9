-- Transfers that were final and that a reorganisation deeper than that took out of the chain: their bytes are shown to the node again.
CREATE INDEX transfers_taken_back ON custody.transfers (network) WHERE state = 'final' AND confirmations = 0;
