DROP TABLE notices.alerts, notices.chat_messages, notices.channels;
