"""The console's own HTTP: for teammates at a browser, by session."""
