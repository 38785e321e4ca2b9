"""Do our books agree with themselves and with everybody else's? Runs compare, breaks are classified, people close what is left."""
