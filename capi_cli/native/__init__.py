"""Loops in C over columns of text, and the one door to them; capi says the same without them, only slower."""
