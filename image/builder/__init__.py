"""The parts of the image builder, one file each. What always holds: the same inputs give the same bytes."""
