"""Payments out of a cold wallet of several holders: proposed and checked here, signed elsewhere, sent like any other."""
