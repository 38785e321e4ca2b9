"""The networks on which a house takes in and pays out each asset, and on what terms."""
