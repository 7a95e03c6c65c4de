"""What ElastiCache holds, one module of records per resource family; `region` holds them all."""
