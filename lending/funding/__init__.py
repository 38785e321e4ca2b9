"""Where the lent money comes from: lines of credit with a limit, a rate, what is drawn and what that has cost."""
