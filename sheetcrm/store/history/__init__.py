"""The history of an output folder: a hash-chained ledger of runs and disclosures."""
