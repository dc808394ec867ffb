"""Certificates that no library makes: bytes are changed, and the whole is signed once more."""

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

__all__ = ["ecdsa", "resigned", "rsa_with"]

Sign = Callable[[bytes], bytes]

_SEQUENCE, _BIT_STRING = b"\x30", b"\x03"


def resigned(certificate: x509.Certificate, sign: Sign, old: bytes, new: bytes) -> bytes:
    """`certificate` in DER, `old` in it replaced by `new` of the same length, signed by `sign`."""
    signed = certificate.tbs_certificate_bytes
    whole = certificate.public_bytes(serialization.Encoding.DER)
    algorithm = whole[whole.index(signed) + len(signed) :]
    algorithm = algorithm[: 2 + algorithm[1]]
    if len(old) != len(new) or old not in signed:
        raise ValueError("only bytes that are there can be replaced, by as many")
    signed, algorithm = signed.replace(old, new), algorithm.replace(old, new)
    return _tlv(_SEQUENCE, signed + algorithm + _tlv(_BIT_STRING, b"\0" + sign(signed)))


def ecdsa(key: ec.EllipticCurvePrivateKey) -> Sign:
    """Signs as the tests' authorities do: ECDSA with SHA-256."""
    return lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))


def rsa_with(key: rsa.RSAPrivateKey, algorithm: str) -> Sign:
    """Signs with RSA and a hash that nobody should use any more, by its name."""
    hashed = vars(hashes)[algorithm]()
    return lambda data: key.sign(data, padding.PKCS1v15(), hashed)


def _tlv(tag: bytes, content: bytes) -> bytes:
    """Tag, length and value (X.690 sections 8.1.2 to 8.1.4)."""
    length = len(content)
    if length < 0x80:
        return tag + bytes([length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return tag + bytes([0x80 | len(octets)]) + octets + content
