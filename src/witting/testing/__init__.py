"""The other side in memory, for tests and demos: hub, people, hands, sessions. Synthetic people only."""
