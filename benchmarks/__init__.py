"""What the hot paths cost, each beside the floor it stands on, in one run on one machine."""
