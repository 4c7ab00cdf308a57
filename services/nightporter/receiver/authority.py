"""The appliance's own certificate authority: an identity for every host, and one for the receiver.

Everything lies in <home>/secrets/farm, readable by its owner only. The CA signs nothing but these; a host's certificate
carries its name as the inventory has it, and cannot be used by a server; the receiver's cannot be used by a client.
"""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nightporter.errors import ReceiverError
from nightporter.receiver.delivery import HOST
from nightporter.store.private import write_private

CA_DAYS = 3650
HOST_DAYS = 398
RENEW_BEFORE = 60  # days; the role runs more often than that
BACKDATED = timedelta(days=1)  # clocks of hosts may be behind


class Authority:
    """The CA in `folder`; made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in (folder, folder / "hosts"):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.certificate = folder / "ca.pem"
        if not self.certificate.exists():
            self._make()
        try:
            self._ca = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        except (OSError, ValueError) as error:
            raise ReceiverError(
                f"The certificate authority in {folder} cannot be read ({error}); restore it from a backup, "
                "or remove the folder and enrol every host again."
            ) from error
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def host(self, name: str) -> tuple[bool, datetime]:
        """Make sure that hosts/<name>.pem and .key are there and not about to end; whether they are new, their end."""
        if not HOST.fullmatch(name) or len(name) > 64:
            raise ReceiverError(f"{name!r} is no host name; use letters, digits, dots, dashes, at most 64 of them.")
        return self._leaf(self.folder / "hosts" / name, name, ExtendedKeyUsageOID.CLIENT_AUTH, [x509.DNSName(name)])

    def forget(self, name: str) -> None:
        """Remove what was made for a host."""
        for suffix in (".pem", ".key"):
            if HOST.fullmatch(name):
                (self.folder / "hosts" / f"{name}{suffix}").unlink(missing_ok=True)

    def receiver(self, names: Sequence[str]) -> tuple[Path, Path]:
        """Certificate and key of the receiver, valid for all `names` (host names and IP addresses)."""
        self._leaf(
            self.folder / "receiver", "receiver", ExtendedKeyUsageOID.SERVER_AUTH, [_general(name) for name in names]
        )
        return self.folder / "receiver.pem", self.folder / "receiver.key"

    def _leaf(
        self, path: Path, name: str, usage: x509.ObjectIdentifier, names: list[x509.GeneralName]
    ) -> tuple[bool, datetime]:
        # not with_suffix: host names have dots
        certificate, key_file = path.with_name(f"{path.name}.pem"), path.with_name(f"{path.name}.key")
        if certificate.exists() and key_file.exists():
            known = x509.load_pem_x509_certificate(certificate.read_bytes())
            ends = known.not_valid_after_utc
            ours = known.issuer == self._ca.subject and _signed(known, self._ca)
            same = list(known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == names
            if ours and same and ends - datetime.now(UTC) > timedelta(days=RENEW_BEFORE):
                return False, ends
        key = ec.generate_private_key(ec.SECP256R1())
        ends = min(datetime.now(UTC) + timedelta(days=HOST_DAYS), self._ca.not_valid_after_utc)
        made = (
            _builder(_subject(name), self._ca.subject, key.public_key(), ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        write_private(key_file, _pem(key))
        write_private(certificate, made.public_bytes(serialization.Encoding.PEM).decode())
        return True, made.not_valid_after_utc

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _subject(f"Nightporter collectors {os.urandom(4).hex()}")  # so that two appliances' CAs differ
        made = (
            _builder(name, name, key.public_key(), datetime.now(UTC) + timedelta(days=CA_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        write_private(self.folder / "ca.key", _pem(key))
        write_private(self.certificate, made.public_bytes(serialization.Encoding.PEM).decode())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    # Python 3.13 and newer insist on key identifiers
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - BACKDATED)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except Exception:  # noqa: BLE001  whatever is wrong with it, a new one is made
        return False
    return True


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
