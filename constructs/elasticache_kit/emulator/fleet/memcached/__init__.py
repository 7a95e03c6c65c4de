"""Memcached processes: a node, a cluster of them, and what is planned for them."""
