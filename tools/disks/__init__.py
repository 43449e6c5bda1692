"""What tools/flash and tools/newboard share: what Linux says of disks and machines."""
