"""The HTTP surface: carries a request to a feature and its answer back. It decides nothing about text."""
