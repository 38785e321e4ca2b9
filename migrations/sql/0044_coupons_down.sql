ALTER TABLE earn.repayment_rows DROP COLUMN bonus;
DROP TABLE earn.coupon_uses, earn.coupons;
