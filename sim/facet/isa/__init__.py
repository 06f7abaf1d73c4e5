"""Instruction set decoders that cycle models and engines share."""
