"""Operations on ElastiCache through boto3: observe, plan, then show the plan or run it.

Import from the modules: `session` makes clients, `inventory` observes, `failover` plans and acts. AWS and the local
ElastiCache look alike from here; `session.Capability` is the one place that tells them apart.
"""
