-- Products, inventory and payment orders.
SELECT 1;
