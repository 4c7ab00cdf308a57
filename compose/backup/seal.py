"""Encrypts standard input for whoever holds secrets/recovery.key: CMS, which `openssl cms -decrypt` opens."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509 import load_pem_x509_certificate

recovery = load_pem_x509_certificate(Path("/run/secrets/recovery_certificate").read_bytes())
letter = PKCS7EnvelopeBuilder().set_data(sys.stdin.buffer.read()).add_recipient(recovery)
sys.stdout.buffer.write(letter.encrypt(Encoding.DER, [PKCS7Options.Binary]))
