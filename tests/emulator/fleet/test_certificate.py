"""The emulator's certificate authority."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
from elasticache_kit.errors import EmulatorError


def shake_hands(authority: CertificateAuthority, certificate: Path, name: str, ca_file: Path | None = None) -> None:
    """Let a strict client and a server shake hands in memory."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate, authority.key_file)
    client_context = ssl.create_default_context(cafile=ca_file or authority.ca_file)
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


def test_a_client_that_trusts_the_authority_accepts_the_certificate(tmp_path: Path) -> None:
    """A strict client verifies the certificate of a loopback address."""
    authority = CertificateAuthority(tmp_path)
    shake_hands(authority, authority.issue("127.77.1.2"), "127.77.1.2")


def test_a_certificate_is_for_one_address(tmp_path: Path) -> None:
    """The certificate of one node does not do for another."""
    authority = CertificateAuthority(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        shake_hands(authority, authority.issue("127.77.1.2"), "127.77.1.3")


def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    """A client that trusts another authority refuses."""
    authority, other = CertificateAuthority(tmp_path / "one"), CertificateAuthority(tmp_path / "two")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(authority, authority.issue("127.77.1.2"), "127.77.1.2", other.ca_file)


def test_the_authority_is_good_for_loopback_only(tmp_path: Path) -> None:
    """A certificate for an address beyond this machine is refused even by clients that trust the authority."""
    authority = CertificateAuthority(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(authority, authority.issue("10.0.0.1"), "10.0.0.1")


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    """Nobody else can read a private key."""
    CertificateAuthority(tmp_path)
    keys = list(tmp_path.glob("*.key"))
    assert len(keys) == 2
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}


def test_an_authority_is_kept(tmp_path: Path) -> None:
    """A second start finds the first one's authority, so clients go on trusting it."""
    before = CertificateAuthority(tmp_path).ca_file.read_bytes()
    again = CertificateAuthority(tmp_path)
    assert again.ca_file.read_bytes() == before
    shake_hands(again, again.issue("127.77.1.2"), "127.77.1.2")


def test_a_broken_authority_is_an_error(tmp_path: Path) -> None:
    """Files that are not what they should be are named, with the remedy."""
    CertificateAuthority(tmp_path).ca_file.write_text("broken")
    with pytest.raises(EmulatorError, match=f"{tmp_path} cannot be read.*Delete the directory"):
        CertificateAuthority(tmp_path)
