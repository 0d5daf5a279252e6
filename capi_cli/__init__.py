"""Deliver a file of conversions to Meta's Conversions API: completely, once, hashed."""

__version__ = "0.1.0"
