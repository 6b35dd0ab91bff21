import os
import stat

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from h2h.errors import UserError
from h2h.io import signing_key
from h2h.io.credentials import read_credentials
from h2h.io.record import Record
from h2h.io.synthetic_video import SyntheticVideo


def pem(private, password=None):
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def certificate(private, days=10, purpose=True, name="Ann"):
    """A certificate that a company's authority might give out; the root is thrown away."""
    root = ec.generate_private_key(ec.SECP256R1())
    builder = signing_key._certificate(signing_key._name(name), signing_key._name("root"), private.public_key(), days)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(signing_key._usage(signature=True, certificates=False), critical=True)
    if purpose:
        use = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(use, critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    signed = builder.add_extension(issuer, critical=False).sign(root, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a key and a certificate and puts them in force."""

    def put(key, chain):
        (tmp_path / "own.key").write_bytes(key)
        (tmp_path / "own.crt").write_bytes(chain)
        monkeypatch.setenv("H2H_SIGNING_KEY", str(tmp_path / "own.key"))
        monkeypatch.setenv("H2H_SIGNING_CERT", str(tmp_path / "own.crt"))

    return put


def film(path):
    with SyntheticVideo(path, 20, Record("t", "b", "self")) as made:
        made.append(np.zeros((64, 64, 3), np.uint8))
    return path


def test_a_local_key_is_made_once_and_private(tmp_path, monkeypatch):
    monkeypatch.delenv("H2H_SIGNING_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    first = signing_key.signing_key()
    assert signing_key.signing_key() == first and first.algorithm == "ES256"
    key = tmp_path / "h2h/signing/key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and stat.S_IMODE(key.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["P-384", "RSA"])
def test_a_key_of_the_users_own_signs(tmp_path, own, kind):
    private = ec.generate_private_key(ec.SECP384R1()) if kind == "P-384" else rsa.generate_private_key(65537, 2048)
    own(pem(private), certificate(private))
    said = read_credentials(film(tmp_path / "f.mp4"))
    assert said.intact and not said.local and said.signer.startswith("Ann")


@pytest.mark.parametrize(
    "fault, says",
    [
        ("other", "not the key of the first certificate"),
        ("expired", "is valid from .* only"),
        ("no pem", "no private key in PEM"),
        ("no certificate", "no certificate in PEM"),
        ("password", "asks for a password"),
        ("kind", "knows no signatures with such a key"),
        ("purpose", "cannot be signed"),
    ],
)
def test_a_key_that_cannot_sign_is_said_why(tmp_path, own, fault, says):
    private = ec.generate_private_key(ec.SECP256R1())
    key, chain = pem(private), certificate(private, days=-0.5 if fault == "expired" else 10, purpose=fault != "purpose")
    if fault == "other":
        key = pem(ec.generate_private_key(ec.SECP256R1()))
    if fault == "password":
        key = pem(private, b"secret")
    if fault == "kind":
        private = dsa.generate_private_key(1024)
        key, chain = pem(private), certificate(private)
    own(b"x" if fault == "no pem" else key, b"x" if fault == "no certificate" else chain)
    with pytest.raises(UserError, match=says):
        film(tmp_path / "f.mp4")
    assert not (tmp_path / "f.mp4").exists()


def test_a_key_that_is_not_there_is_named(tmp_path, own, monkeypatch):
    own(b"", b"")
    os.remove(tmp_path / "own.key")
    with pytest.raises(UserError, match=r"own\.key cannot be read"):
        signing_key.signing_key()
    monkeypatch.delenv("H2H_SIGNING_KEY")
    with pytest.raises(UserError, match="without H2H_SIGNING_KEY"):
        signing_key.signing_key()
    monkeypatch.delenv("H2H_SIGNING_CERT")
    monkeypatch.setenv("H2H_SIGNING_KEY", str(tmp_path / "own.crt"))
    with pytest.raises(UserError, match="H2H_SIGNING_CERT no certificates"):
        signing_key.signing_key()


def test_a_key_without_its_chain_is_never_replaced(tmp_path):
    signing_key.load_or_make(tmp_path)
    before = (tmp_path / "key.pem").read_bytes()
    (tmp_path / "chain.pem").unlink()
    with pytest.raises(UserError, match=r"chain\.pem cannot be read"):
        signing_key.load_or_make(tmp_path)
    assert (tmp_path / "key.pem").read_bytes() == before


def test_a_chain_without_its_key_is_never_replaced(tmp_path):
    (tmp_path / "chain.pem").write_bytes(certificate(ec.generate_private_key(ec.SECP256R1())))
    before = (tmp_path / "chain.pem").read_bytes()
    with pytest.raises(UserError, match=r"key\.pem is missing beside .*chain\.pem"):
        signing_key.load_or_make(tmp_path)
    assert (tmp_path / "chain.pem").read_bytes() == before and not (tmp_path / "key.pem").exists()


def test_a_key_that_is_a_broken_link_is_not_replaced(tmp_path):
    """It may lie on a stick that is not plugged in."""
    (tmp_path / "key.pem").symlink_to(tmp_path / "stick")
    with pytest.raises(UserError, match=r"key\.pem cannot be read"):
        signing_key.load_or_make(tmp_path)
    assert (tmp_path / "key.pem").is_symlink() and not (tmp_path / "chain.pem").exists()


@pytest.mark.parametrize("made", [0, 1, 2])
def test_after_a_kill_while_the_key_is_made_there_is_a_key(tmp_path, monkeypatch, made):
    """Killed before the first file gets its name, before the second or before the third."""
    real, names = os.replace, []

    def replace(source, target):
        if len(names) == made:
            raise KeyboardInterrupt
        names.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        signing_key.load_or_make(tmp_path)
    monkeypatch.setattr(os, "replace", real)
    assert signing_key.load_or_make(tmp_path) == signing_key.load_or_make(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} - {".lock"} == {"key.pem", "chain.pem"}
