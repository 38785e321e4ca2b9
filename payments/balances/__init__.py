"""The projection of the journal: folding, sealing, and exact reads of row and un-folded tail in one snapshot."""
