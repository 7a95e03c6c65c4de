"""Operations on ElastiCache through boto3: observe, plan, then show the plan or run it.

Import from the modules. `session` makes clients; `inventory` and `region` observe; `plan` is the shape that all
operations have, `execution` runs it, `target` and `modification` are what changes of a replication group share; each
operation is a module that turns what was observed into a plan, without asking anybody. AWS and the local ElastiCache
look alike from here; `session.Capability` is the one place that tells them apart.
"""
