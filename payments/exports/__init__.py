"""The ledger as files: jobs that a worker carries out in steps, over a closed set of rows, into CSV or Parquet."""
