"""Builds the disk image of a box: `python3 -m image --board qemu-q35`."""
