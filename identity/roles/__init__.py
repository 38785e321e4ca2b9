"""Who may do what, for those who look after it: the table of permissions, and how many people hold each role."""
