"""Every example, run with real requests."""
