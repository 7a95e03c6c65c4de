"""The local ElastiCache: moto, completed for ElastiCache, over real engine processes.

`server.Emulator` is the entry: in process for tests, and what `elasticache-kit emulator up` runs.
"""
