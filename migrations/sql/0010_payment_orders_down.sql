DROP FUNCTION payments.fold_inventory(integer);
DROP FUNCTION payments.inventory_new_epoch();
DROP FUNCTION payments.inventory_waits();
DROP FUNCTION payments.stock_move(uuid, text, bigint, bigint, text, uuid, text);
DROP FUNCTION payments.stock_release(text, bigint);
DROP FUNCTION payments.stock_reserve(text, bigint);
DROP FUNCTION payments.stock_open(text);
DROP FUNCTION payments.stock_exact(uuid, text[]);
DROP TABLE payments.order_legs, payments.orders, payments.inv_moves, payments.inventory,
    payments.product_prices, payments.product_shares, payments.products;
DELETE FROM payments.fold_state WHERE stream = 'inventory';
