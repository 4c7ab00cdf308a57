"""The bits of ClickHouse's RowBinary format that we write ourselves."""


def length(count: int) -> bytes:
    """A length, as LEB128."""
    encoded = bytearray()
    while count > 127:
        encoded.append(count & 127 | 128)
        count >>= 7
    encoded.append(count)
    return bytes(encoded)


def string(text: str | bytes) -> bytes:
    """A String."""
    raw = text if isinstance(text, bytes) else text.encode()
    return length(len(raw)) + raw
