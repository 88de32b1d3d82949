"""The demo model: its texts, its trainer and its measure."""
