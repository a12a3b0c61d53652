"""Files of pictures that tests make, kind and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageDraw

from sampark.files import images

PLACE = b"28.6139"
"""A latitude, as text that no blob may contain."""
CAMERA = b"SecretCam 3000"


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """Red above left, green above right, blue below: any turn shows."""
    picture = Image.new("RGB", (width, height), (20, 40, 200))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 2, height // 2), fill=(220, 30, 30))
    draw.rectangle((width // 2, 0, width, height // 2), fill=(30, 200, 40))
    return picture


def exif(orientation: int = 1) -> bytes:
    """EXIF with a camera's name and a place."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = CAMERA.decode()
    place = data.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (28.0, 36.0, 50.04), "E", (77.0, 12.0, 32.4)
    data[0x8825] = place
    data[0x010E] = PLACE.decode()
    return data.tobytes()


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description exif:GPSLatitude="'
    + PLACE
    + b'" xmlns:exif="http://ns.adobe.com/exif/1.0/"/></rdf:RDF></x:xmpmeta>'
)


def chunk(name: bytes, content: bytes) -> bytes:
    """A PNG's."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def black_png(side: int, rows: int | None = None) -> bytes:
    """A black square of `side` × `side` pixels, one bit each; with fewer `rows` than it says, if given."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    content = b"".join(packer.compress(row) for _ in range(side if rows is None else rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def gif(
    frames: list[tuple[tuple[int, int, int, int], int, int, bytes]], size: tuple[int, int], extra: bytes = b""
) -> bytes:
    """A GIF by hand, of a table of 4 colours (red, green, blue, black). A frame: box (left, top, width, height), hundredths of a
    second, disposal, and colour numbers packed by `lzw`."""
    data = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80 | 1, 0, 0)
    data += bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0])
    data += b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + extra
    for (left, top, width, height), delay, disposal, packed in frames:
        data += b"!\xf9\x04" + struct.pack("<BHBB", disposal << 2, delay, 0, 0)
        data += b"," + struct.pack("<HHHHB", left, top, width, height, 0) + packed
    return data + b";"


def lzw(colours: list[int]) -> bytes:
    """Colour numbers 0 to 3 as a GIF packs them, in the plainest way: 3 bits each, with a clear code before every second one."""
    codes = [code for number, colour in enumerate(colours) for code in ([4] if number % 2 == 0 else []) + [colour]] + [
        5
    ]
    bits = sum(code << (3 * place) for place, code in enumerate(codes))
    body = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(part)]) + part for part in (body[at : at + 255] for at in range(0, len(body), 255)))
    return b"\2" + blocks + b"\0"


def swapping_profile() -> bytes:
    """An ICC profile in which red and green have changed places: whoever applies it sees."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    return data.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (20, 40, 200)


def render(folder: Path, data: bytes, name: str = "picture") -> tuple[dict[str, Any], dict[str, bytes]]:
    return images.render(put(folder, name, data))


def opened(blob: bytes) -> Image.Image:
    return Image.open(io.BytesIO(blob))


def is_near(pixel: Any, colour: tuple[int, ...], most: int = 25) -> bool:
    return all(abs(a - b) <= most for a, b in zip(pixel, colour, strict=False))


def moving(kind: str, count: int, duration: int = 100, **options: Any) -> bytes:
    frames = [
        Image.new("RGB", (60, 40), (number * 255 // count, 0, 255 - number * 255 // count)) for number in range(count)
    ]
    if kind == "WEBP":
        options["lossless"] = True  # else frames that are nearly the same become one
    return written(frames[0], kind, save_all=True, append_images=frames[1:], duration=duration, **options)


def told_everything(kind: str) -> bytes:
    """A picture of each kind, still or moving, that says where and with what it was taken, in every way its format knows."""
    frames = [scene(), scene().transpose(Image.Transpose.ROTATE_180)]
    secrets = {"exif": exif(), "xmp": XMP}
    match kind:
        case "JPEG":
            data = written(scene(), "JPEG", **secrets, comment=PLACE)
            iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(PLACE)) + PLACE
            return data[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + data[2:] + PLACE
        case "PNG":
            data = written(scene(), "PNG", exif=secrets["exif"])
            texts = chunk(b"tEXt", b"Comment\0" + PLACE) + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
            return data[:33] + texts + chunk(b"tIME", b"\x07\xea\1\1\1\1\1") + chunk(b"prVt", PLACE) + data[33:] + PLACE
        case "WEBP" | "AVIF":
            return written(scene(), kind, **secrets)
        case "moving WEBP":
            return written(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100, **secrets)
        case "moving PNG":
            data = written(
                frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100, exif=secrets["exif"]
            )
            return data[:33] + chunk(b"tEXt", b"Comment\0" + PLACE) + data[33:]
        case "moving AVIF":
            return written(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100, **secrets)
    comment = b"!\xfe" + bytes([len(PLACE)]) + PLACE + b"\0"
    application = b"!\xff\x0bXMP DataXMP" + bytes([len(PLACE)]) + PLACE + b"\0"
    frame = ((0, 0, 4, 4), 10, 1, lzw([0] * 16))
    return gif([frame] * (2 if kind == "moving GIF" else 1), (4, 4), comment + application) + PLACE


KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "moving WEBP", "moving PNG", "moving AVIF", "moving GIF")
