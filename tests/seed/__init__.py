"""The document that the project was created from, as tests."""
