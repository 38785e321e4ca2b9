DROP TABLE broker.decisions;
