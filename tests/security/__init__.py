"""The security requirements, tested from the attacker's side, a file each.

``forging`` makes tokens by hand: no test uses the package to make what the
package must refuse.
"""
