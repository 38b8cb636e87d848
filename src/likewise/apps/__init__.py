"""Ready-made backends, each a small domain on top of the engine. Apps are strangers to each other."""
