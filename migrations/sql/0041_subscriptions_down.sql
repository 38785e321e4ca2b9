DROP TABLE earn.runs, earn.costs, earn.accruals, earn.caps, earn.repayment_rows, earn.subscriptions;
