"""The promises, in the order of the tour."""

from __future__ import annotations

from tour import (
    backup,
    cluster_mode_off,
    cluster_mode_on,
    database_cache,
    durability,
    failover,
    global_datastore,
    memcached,
    reader_endpoint,
    refusal,
    serverless,
    session,
    sign_in,
)
from tour.promise import Promise

PROMISES = (
    Promise("refusal", "what ElastiCache would refuse is found before it is deployed", refusal.check),
    Promise("cluster-mode-off", "one primary, and replicas that have all of it", cluster_mode_off.check),
    Promise("cluster-mode-on", "the keys are spread over shards", cluster_mode_on.check),
    Promise("reader-endpoint", "reads go to the replicas, and none to the primary", reader_endpoint.check),
    Promise("failover", "a killed primary is replaced behind the same endpoint", failover.check),
    Promise("memcached", "each key is on one node, and a lost node is empty", memcached.check),
    Promise("backup", "a restored group has every key", backup.check),
    Promise("durability", "an acknowledged write survives the loss of every node", durability.check),
    Promise("sign-in", "users sign in with IAM and may do what they may", sign_in.check),
    Promise("serverless", "one endpoint, whatever is behind it", serverless.check),
    Promise("global-datastore", "another Region follows, and takes no writes", global_datastore.check),
    Promise("database-cache", "a read never gives what was overwritten", database_cache.check),
    Promise("session", "a login is seen by a second instance, also after a failover", session.check),
)
