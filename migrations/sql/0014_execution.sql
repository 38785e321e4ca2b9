-- Allocations of venue orders to customers' orders.
SELECT 1;
