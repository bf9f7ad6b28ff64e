"""The parts of real_models.py."""
