"""What is a token is told without the CDK, and as the CDK tells it."""

from __future__ import annotations

import pytest
from aws_cdk import Aws, CfnParameter, SecretValue, Stack, Token
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.cdk.token import is_token

# The text of a token with something of it changed.
_NEARLY = st.from_regex(r"[$#]?\{?Token\[?[A-Za-z0-9:._ -]{0,4}\]?\}?", fullmatch=True)


@pytest.mark.parametrize("value", [3, -1.5, 1e300, -1.79e308, True, None, ["a", "b"], []])
def test_what_is_none(value: object) -> None:
    """Plain values are no tokens, here and there."""
    assert not is_token(value)
    assert not Token.is_unresolved(value)


@pytest.mark.parametrize(
    "value",
    [
        Aws.REGION,
        f"cache-{Aws.REGION}-1",
        Token.as_string({"Ref": "Name"}),
        Token.as_number({"Ref": "Number"}),
        Token.as_list({"Ref": "List"}),
        SecretValue.secrets_manager("orders"),
    ],
    # By name: the text of a token differs from process to process, and each worker must collect the same tests.
    ids=["text", "text around", "text of a function", "number", "list", "secret"],
)
def test_what_is_one(value: object) -> None:
    """What stands for a text, a number, a list or a secret is a token, here and there."""
    assert is_token(value)
    assert Token.is_unresolved(value)


def test_parameters_of_cloudformation(stack: Stack) -> None:
    """The values of a parameter are tokens in each of their three forms."""
    assert is_token(CfnParameter(stack, "Text").value_as_string)
    assert is_token(CfnParameter(stack, "Number", type="Number").value_as_number)
    assert is_token(CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list)


@given(text=st.one_of(st.text(), _NEARLY))
def test_texts_are_told_as_the_cdk_tells_them(text: str) -> None:
    """Whatever a text looks like, the answer is that of the CDK, but for the mark of a list which no text begins."""
    told = "${" in text and is_token(text)

    assert told == Token.is_unresolved(text)


def test_a_list_with_a_token_in_it() -> None:
    """To the CDK only the list as a whole can be a token; here one item that is not known is enough."""
    assert is_token(["eu-west-1a", Aws.REGION])
    assert is_token(("eu-west-1a", Aws.REGION))
    assert is_token(Token.as_list({"Ref": "List"})[0])
