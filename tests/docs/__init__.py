"""The documentation is right: its code runs and does what it says."""
