"""Statements of partners (banks, custodians, payment houses): uploaded as CSV, matched line by line with our journal."""
