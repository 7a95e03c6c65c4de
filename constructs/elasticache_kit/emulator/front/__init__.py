"""The process that stands before engines: it ends TLS, spreads connections, and holds IAM sign-ins for a verdict.

It runs as a program of its own (`process.py`) and imports nothing but the standard library and its own modules.
"""
