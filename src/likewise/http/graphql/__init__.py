"""`/graphql`: one schema of all features' fields, over HTTP, event streams and web sockets, within bounds."""
