"""What ElastiCache is and allows: facts as data, rules as pure functions, the standard library only."""
