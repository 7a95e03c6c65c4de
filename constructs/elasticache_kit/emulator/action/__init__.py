"""What the ElastiCache API does, one module per resource family: request in, answer out, as plain dictionaries."""
