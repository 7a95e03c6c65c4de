"""The emulator's own certificate authority, for loopback addresses and the names of local endpoints only."""

from __future__ import annotations

import datetime as dt
import os
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from elasticache_kit.emulator.fleet.endpoint_name import DOMAIN
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AUTHORITY_LIFE = dt.timedelta(days=3650)
# Apple's limit for a certificate of a server is 825 days; CAs of the web stay below 398.
LEAF_LIFE = dt.timedelta(days=397)
RENEWAL = dt.timedelta(days=30)
# Clocks of containers on one machine may differ a little.
BACKDATED = dt.timedelta(hours=1)
LOOPBACK = IPv4Network("127.0.0.0/8")

ALLOWED = x509.NameConstraints(
    permitted_subtrees=[x509.IPAddress(LOOPBACK), x509.DNSName("localhost"), x509.DNSName(DOMAIN)],
    excluded_subtrees=None,
)

Extensions = list[tuple[x509.ExtensionType, bool]]


class CertificateAuthority:
    """Signs a certificate for each address, all over one key (EC P-256).

    The authority may sign loopback addresses, localhost and the names of local endpoints only (name constraints):
    whoever trusts it need not fear for other names when its key leaks.

    Args:
        directory: where keys (mode 0600) and certificates are kept; an authority found there is used again.

    Raises:
        EmulatorError: what is kept there cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory.absolute()
        if not self._load():
            self._create()

    @property
    def ca_file(self) -> Path:
        """The certificate that clients trust (PEM)."""
        return self._directory / "ca.pem"

    @property
    def key_file(self) -> Path:
        """The private key of all certificates that are issued (PEM)."""
        return self._directory / "server.key"

    def issue(self, address: str, names: Sequence[str] = ()) -> Path:
        """Sign a certificate for a loopback address, and for names that lead there, and give the file (PEM)."""
        path = self._directory / f"{address}.pem"
        extensions: Extensions = [
            (x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address)), *map(x509.DNSName, names)]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(sign_certificates=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ]
        certificate = self._sign(NODE, self._server_key, LEAF_LIFE, extensions)
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _load(self) -> bool:
        key_path = self._directory / "ca.key"
        if not (key_path.exists() and self.ca_file.exists() and self.key_file.exists()):
            return False
        try:
            certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())
            self._key, self._server_key = _read_key(key_path), _read_key(self.key_file)
        except (OSError, TypeError, ValueError) as error:
            raise EmulatorError(
                f"The certificate authority in {self._directory} cannot be read: {error}. Delete the directory to get "
                "a new one; clients then need the new ca.pem."
            ) from error
        own = certificate.public_key() == self._key.public_key() and _constraints(certificate) == ALLOWED
        return own and certificate.not_valid_after_utc > dt.datetime.now(dt.UTC) + RENEWAL + LEAF_LIFE

    def _create(self) -> None:
        self._key, self._server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        extensions: Extensions = [
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (_usage(sign_certificates=True), True),
            (ALLOWED, True),
        ]
        certificate = self._sign(AUTHORITY, self._key, AUTHORITY_LIFE, extensions)
        _write_key(self._directory / "ca.key", self._key)
        _write_key(self.key_file, self._server_key)
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, life: dt.timedelta, extensions: Extensions
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(AUTHORITY)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now + life)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self._key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "elasticache-kit"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


AUTHORITY = _name("elasticache-kit local authority")
# Not the address: OpenSSL takes a common name that could be a host name for one, and the constraints forbid it.
NODE = _name("elasticache-kit local node")


def _constraints(certificate: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} is not an elliptic curve key")
    return key


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.unlink(missing_ok=True)
    # Made with its final mode: at no moment can others read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
