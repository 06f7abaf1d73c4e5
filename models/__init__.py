"""Facet's networks: architectures, training, quantization, and the trained models' cards."""
