"""The environment of an application."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.environment import AUTHS, TOPOLOGIES, CacheEnvironment

TEXT = st.none() | st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1)
HOST = st.from_regex(r"[a-z0-9.-]+", fullmatch=True)
ENVIRONMENTS = st.builds(
    CacheEnvironment,
    endpoint=HOST,
    reader_endpoint=st.none() | HOST,
    port=st.integers(1, 65535),
    engine=st.sampled_from(["valkey", "redis", "memcached"]),
    engine_version=TEXT,
    topology=st.sampled_from(TOPOLOGIES),
    tls=st.booleans(),
    ca_file=TEXT,
    auth=st.sampled_from(AUTHS),
    user=TEXT,
    secret_arn=TEXT,
    cache_name=TEXT,
    serverless=st.booleans(),
    region=TEXT,
)


@given(ENVIRONMENTS, st.sampled_from(["ELASTICACHE_KIT_", "SESSIONS_"]))
def test_what_is_written_is_read(environment: CacheEnvironment, prefix: str) -> None:
    """An application sees what the construct meant."""
    assert CacheEnvironment.from_env(environment.to_env(prefix), prefix) == environment


def test_the_variables_are_those_of_the_contract() -> None:
    """Names that are deployed must not change."""
    assert {item.name.upper() for item in fields(CacheEnvironment)} == {
        "ENDPOINT",
        "READER_ENDPOINT",
        "PORT",
        "ENGINE",
        "ENGINE_VERSION",
        "TOPOLOGY",
        "TLS",
        "CA_FILE",
        "AUTH",
        "USER",
        "SECRET_ARN",
        "CACHE_NAME",
        "SERVERLESS",
        "REGION",
    }


def test_what_is_not_given_has_no_variable() -> None:
    """An application can tell "none" from a text."""
    assert CacheEnvironment(endpoint="cache", tls=False).to_env() == {
        "ELASTICACHE_KIT_ENDPOINT": "cache",
        "ELASTICACHE_KIT_PORT": "6379",
        "ELASTICACHE_KIT_ENGINE": "valkey",
        "ELASTICACHE_KIT_TOPOLOGY": "cluster-mode-disabled",
        "ELASTICACHE_KIT_TLS": "false",
        "ELASTICACHE_KIT_AUTH": "none",
        "ELASTICACHE_KIT_SERVERLESS": "false",
    }


def test_the_endpoint_alone_will_do() -> None:
    """Everything else has a default, TLS is on; an empty variable is none, and strangers are left alone."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "cache", "ELASTICACHE_KIT_USER": "", "HOME": "/"}

    assert CacheEnvironment.from_env(environ) == CacheEnvironment(endpoint="cache")


@pytest.mark.parametrize("endpoint", ["cache:6379", "rediss://cache", "cache/0", "cache "])
@pytest.mark.parametrize("name", ["ENDPOINT", "READER_ENDPOINT"])
def test_an_endpoint_is_a_host_name_alone(name: str, endpoint: str) -> None:
    """What a stack puts out and what clients take as a URL would be looked for in DNS as it is."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "cache", f"ELASTICACHE_KIT_{name}": endpoint}

    with pytest.raises(
        ValidationError, match=f"ELASTICACHE_KIT_{name} = '{endpoint}' is not a host name alone: the port"
    ):
        CacheEnvironment.from_env(environ)


@pytest.mark.parametrize("endpoint", ["127.0.0.1", "master.orders.euw1.cache.amazonaws.com", "fd00::1"])
def test_a_name_or_an_address_is_an_endpoint(endpoint: str) -> None:
    """Of either version of IP."""
    assert CacheEnvironment.from_env({"ELASTICACHE_KIT_ENDPOINT": endpoint}).endpoint == endpoint


def test_every_wrong_variable_is_named() -> None:
    """All mistakes come in one message."""
    environ = {
        "ELASTICACHE_KIT_PORT": "65536",
        "ELASTICACHE_KIT_TLS": "yes",
        "ELASTICACHE_KIT_ENGINE": "mysql",
        "ELASTICACHE_KIT_TOPOLOGY": "ring",
        "ELASTICACHE_KIT_AUTH": "kerberos",
        "ELASTICACHE_KIT_SERVERLESS": "1",
    }

    with pytest.raises(ValidationError) as caught:
        CacheEnvironment.from_env(environ)

    assert str(caught.value).splitlines() == [
        "The environment describes no cache:",
        "  ELASTICACHE_KIT_ENDPOINT is not set: give the host name of the cache",
        "  ELASTICACHE_KIT_PORT = '65536' is not a number from 1 to 65535",
        "  ELASTICACHE_KIT_ENGINE = 'mysql' is not valkey, redis or memcached",
        "  ELASTICACHE_KIT_TOPOLOGY = 'ring' is not cluster-mode-disabled or cluster-mode-enabled",
        "  ELASTICACHE_KIT_TLS = 'yes' is not true or false",
        "  ELASTICACHE_KIT_AUTH = 'kerberos' is not none, iam, password",
        "  ELASTICACHE_KIT_SERVERLESS = '1' is not true or false",
    ]
