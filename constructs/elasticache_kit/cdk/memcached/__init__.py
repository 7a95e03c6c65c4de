"""Memcached clusters: the construct, and what is true of none but them."""
