"""The key that signs Content Credentials: the user's own, or a local one made at first use."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from h2h.errors import UserError
from h2h.io.atomic import replacing

LOCAL_SIGNER = "h2h local signer"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True)
class SigningKey:
    """What signs a manifest.

    Attributes:
        chain: certificates in PEM, the signer's first.
        key: private key in PEM.
        algorithm: its name in the C2PA specification, such as `ES256`.
    """

    chain: bytes
    key: bytes
    algorithm: str


def signing_key() -> SigningKey:
    """The key in force.

    $H2H_SIGNING_KEY names a private key in PEM and $H2H_SIGNING_CERT its certificates; or $H2H_SIGNING_KEY names a
    folder with `key.pem` and `chain.pem`. Without them it is the folder `h2h/signing` in the user's configuration
    folder. In a folder that is empty a local key is made.

    Raises:
        UserError: a file is missing or no PEM, the key has a password or is of a kind that C2PA does not know, does not
            belong to the certificate, or the certificate is not valid today.
    """
    configured, certificates = os.environ.get("H2H_SIGNING_KEY"), os.environ.get("H2H_SIGNING_CERT")
    if certificates:
        if not configured:
            raise UserError("H2H_SIGNING_CERT is set without H2H_SIGNING_KEY", "name the private key there")
        return load(Path(configured), Path(certificates))
    if not configured:
        home = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
        return load_or_make(home / "h2h" / "signing")
    if Path(configured).is_file():
        raise UserError(
            f"H2H_SIGNING_KEY names the file {configured}, but H2H_SIGNING_CERT no certificates",
            "set both, or name a folder with key.pem and chain.pem",
        )
    return load_or_make(Path(configured))


def load_or_make(folder: Path) -> SigningKey:
    """The key in a folder, `key.pem` and `chain.pem`; made when there is none.

    Two jobs may ask at the same time: a file lock lets one of them make it.

    Raises:
        UserError: as `load`; or the folder cannot be written.
    """
    chain, key = folder / "chain.pem", folder / "key.pem"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / ".lock"):
            if not os.path.lexists(key):
                if os.path.lexists(chain):  # the user's own: to replace it would lose it
                    raise UserError(
                        f"{key} is missing beside {chain}",
                        "put the certificate's private key there; or move chain.pem away, and a local key is made",
                    )
                _make(chain, key)
            elif _unfinished(chain).exists() and not os.path.lexists(chain):
                os.replace(_unfinished(chain), chain)
    except OSError as error:
        raise UserError(
            f"no signing key can be made in {folder}: {error}", "name another folder in H2H_SIGNING_KEY"
        ) from error
    return load(key, chain)


def load(key: Path, chain: Path) -> SigningKey:
    """Read a key and its certificates, and check that they can sign today.

    Raises:
        UserError: they cannot, and why.
    """
    private_pem, chain_pem = _read(key), _read(chain)
    try:
        private = serialization.load_pem_private_key(private_pem, None)
    except TypeError:
        raise UserError(f"{key} asks for a password", "store it without one, readable by you only") from None
    except ValueError as error:
        raise UserError(f"{key} is no private key in PEM: {error}", "name another file") from None
    try:
        leaf = x509.load_pem_x509_certificates(chain_pem)[0]
    except ValueError as error:
        raise UserError(f"{chain} holds no certificate in PEM: {error}", "name another file") from None
    if private.public_key() != leaf.public_key():
        raise UserError(
            f"{key} is not the key of the first certificate in {chain}", "put the signer's own certificate first"
        )
    now, until = dt.datetime.now(dt.UTC), leaf.not_valid_after_utc
    if not leaf.not_valid_before_utc <= now <= until:
        raise UserError(
            f"the certificate in {chain} is valid from {leaf.not_valid_before_utc:%Y-%m-%d} to {until:%Y-%m-%d} only",
            "renew it; a local one is made anew when both files are gone",
        )
    return SigningKey(chain_pem, private_pem, _algorithm(private, key))


def _algorithm(private: PrivateKeyTypes, path: Path) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ED25519"
    if isinstance(private, rsa.RSAPrivateKey):
        return "PS256"
    raise UserError(f"{path}: C2PA knows no signatures with such a key", "use P-256, P-384, P-521, Ed25519 or RSA")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}", "set H2H_SIGNING_KEY and H2H_SIGNING_CERT"
        ) from None


def _make(chain: Path, key: Path) -> None:
    """The certificates get their name last, `load_or_make` gives it to them after a kill.

    A `chain.pem` without a key is thus always the user's.
    """
    certificates, private = make_chain()
    with replacing(_unfinished(chain)) as temporary:
        temporary.write_text(certificates)
    with replacing(key) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(private)
    os.replace(_unfinished(chain), chain)


def _unfinished(chain: Path) -> Path:
    return chain.with_name(f".{chain.name}.unfinished")


def make_chain() -> tuple[str, bytes]:
    """A local root and a leaf for document signing, both ES256. The root's own key is thrown away."""
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("h2h local root")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), 3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signature=False, certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate(_name(LOCAL_SIGNER), root_name, leaf_key.public_key(), 3640)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signature=True, certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (leaf.public_bytes(pem) + root.public_bytes(pem)).decode(), private


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "h2h"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _certificate(subject: x509.Name, issuer: x509.Name, public: object, days: int) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _usage(signature: bool, certificates: bool) -> x509.KeyUsage:
    unused = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=signature, key_cert_sign=certificates, crl_sign=certificates, **unused)
