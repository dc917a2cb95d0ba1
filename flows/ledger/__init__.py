"""The ledger: which figure counts, whether it adds up, why not, and what changed since."""
