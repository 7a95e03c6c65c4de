"""The secret that a password lives in: made up by Secrets Manager, and never in a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_secretsmanager as secretsmanager

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk.aws_secretsmanager import ISecret
    from constructs import Construct

PASSWORD_FIELD = "password"  # noqa: S105 - the name of a field, not a password
PASSWORD_LENGTH = 64


def generated_secret(
    scope: Construct, construct_id: str, *, description: str, content: str, kms_key: kms.IKey | None
) -> ISecret:
    """Make a secret whose `password` Secrets Manager makes up.

    64 letters and digits: legal as an AUTH token (16 to 128, of the specials only ! & # $ ^ < > -) and as a password,
    and in a URL without escapes.
    """
    secret = secretsmanager.Secret(
        scope,
        construct_id,
        description=description,
        encryption_key=kms_key,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=content,
            generate_string_key=PASSWORD_FIELD,
            password_length=PASSWORD_LENGTH,
            exclude_punctuation=True,
        ),
    )
    return cast("ISecret", secret)  # jsii gives an argument of the interface another name than the class


def password_reference(secret: ISecret) -> str:
    """Return a reference to the password, which CloudFormation resolves: the password itself is never in a template."""
    return secret.secret_value_from_json(PASSWORD_FIELD).unsafe_unwrap()
