"""Mutants: faults put into the package on purpose, for the tests to find."""
