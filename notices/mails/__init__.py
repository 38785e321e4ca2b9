"""Notices by mail: one call each, never sent twice; worded at the moment of sending."""
