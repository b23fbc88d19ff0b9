"""The code in the documentation runs and does what the text says."""
