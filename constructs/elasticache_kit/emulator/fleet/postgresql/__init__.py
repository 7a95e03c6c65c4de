"""PostgreSQL processes behind the endpoints of RDS."""
