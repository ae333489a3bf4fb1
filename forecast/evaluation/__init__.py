"""How good we are."""
