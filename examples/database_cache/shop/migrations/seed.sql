-- Something to look at: 12 categories, 600 products, 50 customers. An empty shop is filled, another one stays as it is.
BEGIN;

INSERT INTO categories (name)
SELECT name
FROM unnest(ARRAY[
    'Bread', 'Cheese', 'Coffee', 'Flowers', 'Fruit', 'Honey', 'Jam', 'Nuts', 'Oil', 'Spices', 'Tea', 'Wine'
]) WITH ORDINALITY AS named (name, place)
WHERE NOT EXISTS (SELECT FROM categories)
ORDER BY place;

INSERT INTO products (category_id, name, description, price_cents)
SELECT categories.id, categories.name || ' no. ' || number, 'From a small producer, batch ' || number || '.',
       300 + (number * 37 + categories.id * 101) % 2000
FROM categories CROSS JOIN generate_series(1, 50) AS number
WHERE NOT EXISTS (SELECT FROM products)
ORDER BY categories.id, number;

INSERT INTO stock (product_id, on_hand)
SELECT id, 100 FROM products WHERE NOT EXISTS (SELECT FROM stock);

INSERT INTO customers (name, email)
SELECT 'Customer ' || number, 'customer' || number || '@example.com'
FROM generate_series(1, 50) AS number
WHERE NOT EXISTS (SELECT FROM customers)
ORDER BY number;

COMMIT;
