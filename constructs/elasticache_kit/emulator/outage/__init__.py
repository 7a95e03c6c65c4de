"""Outages that a test or a drill asks for: what breaks, and how it is put right again. AWS has no such calls.

`catalog` lists the kinds, each in a module of its own; `outages` begins, ends and records them.
"""
