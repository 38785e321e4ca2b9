"""Messages to people and machines: an inbox, mails, webhooks. Facts come as events; every delivery but the inbox row is a call."""
