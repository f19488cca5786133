"""What is to be told to whom and when: calls, notices, letters, feeds and promises."""
