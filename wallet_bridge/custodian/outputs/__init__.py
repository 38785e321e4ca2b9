"""Outputs that are ours, on chains whose money lies in outputs."""
