"""Drills: experiments that show what a client sees while something breaks.

A `workload` is what clients try, a `fault` is what breaks, a `history` is the log of both on one clock, a `checker`
turns a history into a finding, and the `runner` ties them together. The nouns are Jepsen's (https://jepsen.io).
"""
