"""The one forward history of the schema, as plain SQL; `schema.sql` is its generated snapshot."""
