"""What CloudWatch is told of running engines: read from the engines themselves, and nothing made up.

A metric that no engine can tell, such as the credits of a burstable node, has no data, as on a cache where it does not
apply.
"""
