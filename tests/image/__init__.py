"""The box itself, started in QEMU: from the firmware to mail through its ports, and every failure it has to come back from."""
