"""The tour: every promise of the README, shown once on the local ElastiCache. `make tour`; the table is in `table`."""
