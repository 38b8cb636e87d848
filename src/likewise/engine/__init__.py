"""Text in, meaning out: the capabilities every app shares."""
