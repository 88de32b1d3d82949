"""What madang is measured against; each peer is given the settings that suit it best."""
