"""On-chip peripherals, one folder a chip family, one file a peripheral."""
