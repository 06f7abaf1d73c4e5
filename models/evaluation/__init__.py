"""Evaluation: int8 inference on the host, metrics, the robustness test, model cards."""
