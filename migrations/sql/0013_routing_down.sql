DROP TABLE broker.plan_orders;
DROP TABLE broker.plans;
