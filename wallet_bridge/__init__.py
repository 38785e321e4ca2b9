"""Our funds at venues and, later, custody: what may be spent where, and who must be told when it runs dry."""
