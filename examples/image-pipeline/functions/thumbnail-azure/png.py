"""Makes small copies of PNG pictures with the standard library alone, so that nothing native is deployed.

It reads pictures of eight bits per channel that are not interlaced, and writes the same.
"""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Channels by colour type: grey, colour, palette, grey with alpha, colour with alpha.
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GREY, COLOUR, PALETTE, COLOUR_ALPHA = 0, 2, 3, 6


class NotSupported(ValueError):
    """The bytes are not a PNG picture, or one of a form this module does not read."""


def thumbnail(data, longest_side):
    """Returns a picture whose longer side measures at most `longest_side`, never enlarged."""
    width, height, kind, pixels = decode(data)
    scale = min(1, longest_side / max(width, height))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    return encode(*small, kind, shrink(width, height, CHANNELS[kind], pixels, *small))


def decode(data):
    """Returns width, height, colour type and the bytes of the pixels, row by row."""
    parts = dict.fromkeys((b"IHDR", b"PLTE", b"tRNS", b"IDAT"), b"")
    for name, content in chunks(data):
        if name == b"IDAT":
            parts[name] += content
        elif name in parts:
            parts[name] = content
    if len(parts[b"IHDR"]) != 13:
        raise NotSupported("the picture has no header")
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth != 8 or interlaced or kind not in CHANNELS or not width or not height:
        raise NotSupported(f"a picture of {depth} bits, colour type {kind}, interlacing {interlaced}")
    try:
        raw = zlib.decompress(parts[b"IDAT"])
    except zlib.error as error:
        raise NotSupported(str(error)) from error
    pixels = unfilter(raw, width * CHANNELS[kind], height, CHANNELS[kind])
    if kind == PALETTE:
        kind, pixels = spread(pixels, parts[b"PLTE"], parts[b"tRNS"])
    return width, height, kind, pixels


def chunks(data):
    """Yields the chunks of a picture up to its end."""
    if not data.startswith(SIGNATURE):
        raise NotSupported("not a PNG picture")
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + size]
        if struct.unpack_from(">I", data + b"\0" * 4, at + 8 + size)[0] != zlib.crc32(name + content):
            raise NotSupported(f"the chunk {name.decode('latin-1')} is damaged")
        yield name, content
        at += 12 + size


def unfilter(raw, stride, height, step):
    """Undoes the filter of every row (PNG specification, 9.2)."""
    if len(raw) < (stride + 1) * height:
        raise NotSupported("the picture ends early")
    out = bytearray()
    above = bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        method, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        if method > 4:
            raise NotSupported(f"filter {method}")
        for at in range(stride if method else 0):
            left = line[at - step] if at >= step else 0
            corner = above[at - step] if at >= step else 0
            line[at] = (line[at] + predict(method, left, above[at], corner)) & 255
        out += line
        above = line
    return bytes(out)


def predict(method, left, above, corner):
    """Returns what a filter expects in a place, from its neighbours."""
    if method == 1:
        return left
    if method == 2:
        return above
    if method == 3:
        return (left + above) // 2
    guess = left + above - corner
    distances = abs(guess - left), abs(guess - above), abs(guess - corner)
    return (left, above, corner)[distances.index(min(distances))]


def spread(indexes, palette, alphas):
    """Replaces the indexes of a palette by its colours."""
    colours = [palette[at : at + 3] for at in range(0, len(palette), 3)]
    if alphas:
        opaque = alphas + b"\xff" * (len(colours) - len(alphas))
        colours = [colour + opaque[at : at + 1] for at, colour in enumerate(colours)]
    if indexes and max(indexes) >= len(colours):
        raise NotSupported("a colour is not in the palette")
    return (COLOUR_ALPHA if alphas else COLOUR), b"".join(colours[index] for index in indexes)


def shrink(width, height, channels, pixels, new_width, new_height):
    """Averages the pixels that fall into each new one."""
    out = bytearray()
    for y in range(new_height):
        top, bottom = share(y, height, new_height)
        for x in range(new_width):
            left, right = share(x, width, new_width)
            count = (bottom - top) * (right - left)
            for channel in range(channels):
                total = 0
                for row in range(top, bottom):
                    first = (row * width + left) * channels + channel
                    total += sum(pixels[first : first + (right - left) * channels : channels])
                out.append((total + count // 2) // count)
    return bytes(out)


def share(index, old, new):
    """Returns where the old pixels of a new one begin and end. Nothing is enlarged, so there is at least one."""
    return index * old // new, (index + 1) * old // new


def encode(width, height, kind, pixels):
    """Returns the picture as a PNG file."""
    stride = width * CHANNELS[kind]
    rows = b"".join(b"\0" + pixels[at : at + stride] for at in range(0, stride * height, stride))
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(chunk(name, content) for name, content in parts)


def chunk(name, content):
    """Returns one chunk with its length and check."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
