"""A shop: categories, products, stock, reviews, customers and orders, over PostgreSQL, with a cache and without."""
