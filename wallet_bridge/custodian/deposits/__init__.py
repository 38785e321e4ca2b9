"""What blocks paid to our addresses: block by block, and back again where the chain's history changed."""
