"""CPU engines. An engine runs instructions; it is not the board."""
