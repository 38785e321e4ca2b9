"""Closed days: what every account had at the end of a day, by the time of booking, written once and final."""
