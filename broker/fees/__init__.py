"""Fees: what customers pay us, and what venues charge us."""
