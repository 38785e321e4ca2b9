"""Links in mails: made while a mail is worded, good once, for one thing."""
