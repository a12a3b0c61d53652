"""Rules about written things: names, room IDs, Markdown, languages. No database, no HTTP."""
