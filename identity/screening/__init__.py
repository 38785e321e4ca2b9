"""Names that must not be served: imported lists, and whom they may mean."""
