"""What keeps the program fast, small and safe. It knows features by their manifests only."""
