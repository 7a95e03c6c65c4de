"""The drill of a Memcached node, with clients that hash in different ways."""
