"""Sampark Setu: real-time chat as pure hypermedia."""

__version__ = "0.1.0"
