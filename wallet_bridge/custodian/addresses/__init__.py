"""Addresses that customers pay to: derived from public keys, each of one owner for ever."""
