"""How we learn: sampling, and the gate that blocks publication."""
