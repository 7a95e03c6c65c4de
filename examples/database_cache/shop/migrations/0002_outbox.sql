-- Made by `python -m elasticache_kit.cache.outbox sql`. It may be run again, for example for more tables.
BEGIN;

CREATE TABLE IF NOT EXISTS elasticache_kit_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION elasticache_kit_key_part(part text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT replace(replace(part, '%', '%25'), ':', '%3A') $$;

CREATE OR REPLACE FUNCTION elasticache_kit_changed_categories() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "public", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO elasticache_kit_outbox (key) SELECT 'categories:' || elasticache_kit_key_part(changed."id"::text) FROM public.categories AS changed;
        PERFORM pg_notify('elasticache_kit_outbox', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('categories:' || elasticache_kit_key_part(OLD."id"::text));
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (NEW."id") IS DISTINCT FROM (OLD."id")) THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('categories:' || elasticache_kit_key_part(NEW."id"::text));
    END IF;
    PERFORM pg_notify('elasticache_kit_outbox', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON public.categories;
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON public.categories
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_categories();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON public.categories;
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON public.categories
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_categories();

CREATE OR REPLACE FUNCTION elasticache_kit_changed_products() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "public", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO elasticache_kit_outbox (key) SELECT 'products:' || elasticache_kit_key_part(changed."id"::text) FROM public.products AS changed;
        PERFORM pg_notify('elasticache_kit_outbox', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('products:' || elasticache_kit_key_part(OLD."id"::text));
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (NEW."id") IS DISTINCT FROM (OLD."id")) THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('products:' || elasticache_kit_key_part(NEW."id"::text));
    END IF;
    PERFORM pg_notify('elasticache_kit_outbox', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON public.products;
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON public.products
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_products();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON public.products;
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON public.products
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_products();

CREATE OR REPLACE FUNCTION elasticache_kit_changed_stock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "public", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO elasticache_kit_outbox (key) SELECT 'stock:' || elasticache_kit_key_part(changed."product_id"::text) FROM public.stock AS changed;
        PERFORM pg_notify('elasticache_kit_outbox', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('stock:' || elasticache_kit_key_part(OLD."product_id"::text));
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (NEW."product_id") IS DISTINCT FROM (OLD."product_id")) THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('stock:' || elasticache_kit_key_part(NEW."product_id"::text));
    END IF;
    PERFORM pg_notify('elasticache_kit_outbox', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON public.stock;
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON public.stock
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_stock();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON public.stock;
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON public.stock
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_stock();

CREATE OR REPLACE FUNCTION elasticache_kit_changed_customers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "public", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO elasticache_kit_outbox (key) SELECT 'customers:' || elasticache_kit_key_part(changed."id"::text) FROM public.customers AS changed;
        PERFORM pg_notify('elasticache_kit_outbox', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('customers:' || elasticache_kit_key_part(OLD."id"::text));
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (NEW."id") IS DISTINCT FROM (OLD."id")) THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('customers:' || elasticache_kit_key_part(NEW."id"::text));
    END IF;
    PERFORM pg_notify('elasticache_kit_outbox', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON public.customers;
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON public.customers
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_customers();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON public.customers;
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON public.customers
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_customers();

CREATE OR REPLACE FUNCTION elasticache_kit_changed_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "public", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO elasticache_kit_outbox (key) SELECT 'orders:' || elasticache_kit_key_part(changed."id"::text) FROM public.orders AS changed;
        PERFORM pg_notify('elasticache_kit_outbox', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('orders:' || elasticache_kit_key_part(OLD."id"::text));
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (NEW."id") IS DISTINCT FROM (OLD."id")) THEN
        INSERT INTO elasticache_kit_outbox (key) VALUES ('orders:' || elasticache_kit_key_part(NEW."id"::text));
    END IF;
    PERFORM pg_notify('elasticache_kit_outbox', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON public.orders;
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON public.orders
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_orders();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON public.orders;
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON public.orders
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_orders();

COMMIT;
