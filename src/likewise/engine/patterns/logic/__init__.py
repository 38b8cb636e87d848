"""Pure parts of patterns: terms, movements of counts, tests of significance, trends, insights."""
