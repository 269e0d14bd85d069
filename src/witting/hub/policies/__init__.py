"""Who may do what: `routes.toml` says it for people, `hub.cedar` decides; a test holds the two against each other, cell by cell."""
