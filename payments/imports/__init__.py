"""Files of journals into the ledger: read once, checked by the rules of posting, approved by a second person, posted in chunks."""
