"""Overture: a customer-conversation agent that can make the first move."""

__version__ = "0.1.0"
