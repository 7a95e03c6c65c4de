"""Checkers: each turns a history into a finding, and `judgement` holds them all against one run."""
