"""What the community works out without a database."""
