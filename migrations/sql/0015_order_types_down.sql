DROP TABLE broker.firm_quotes;
DROP TABLE broker.slices;
DROP INDEX broker.orders_one_leg_at_work;
DROP INDEX broker.orders_open_of_owner;
DROP INDEX broker.orders_stops;
DROP INDEX broker.orders_in_group;
DROP INDEX broker.orders_expiring;
ALTER TABLE broker.orders
    DROP CONSTRAINT orders_trail,
    DROP CONSTRAINT orders_stop,
    DROP CONSTRAINT orders_expire,
    DROP COLUMN replaces,
    DROP COLUMN slice_target,
    DROP COLUMN slices_left,
    DROP COLUMN group_id,
    DROP COLUMN display_quantity,
    DROP COLUMN post_only,
    DROP COLUMN expires_at,
    DROP COLUMN stopped_at,
    DROP COLUMN trail_best,
    DROP COLUMN trail_fraction,
    DROP COLUMN trail_amount,
    DROP COLUMN stop_price,
    DROP COLUMN rests_in,
    DROP CONSTRAINT orders_time_in_force_check,
    DROP CONSTRAINT orders_type_check,
    ADD CONSTRAINT orders_type_check CHECK (type IN ('market', 'limit')),
    ADD CONSTRAINT orders_time_in_force_check CHECK (time_in_force IN ('gtc', 'ioc'));
