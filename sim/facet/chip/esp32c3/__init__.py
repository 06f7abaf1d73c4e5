"""Models of the ESP32-C3's peripherals; registers named as in its technical reference manual."""
