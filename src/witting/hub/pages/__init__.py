"""The hub's pages for people: what it holds by counts of groups, its programmes and notices, its log, what was made of the data."""
