DROP TABLE kernel.feed_entries;
DROP TABLE kernel.feed_heads;
