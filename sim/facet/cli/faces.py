"""`facet faces`: draws faces into files."""

from __future__ import annotations

from pathlib import Path

import click
import cv2

from facet.dataset.faces import draw_face, sheet_image
from facet.dataset.faces.canvas import ColourImage
from facet.dataset.labels import EMOTIONS
from facet.files import write_file, write_files


@click.command("faces")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="out/faces",
    show_default=True,
    help="A .png for a contact sheet; or a folder, for the sheet and each face in a file.",
)
@click.option(
    "--count", type=click.IntRange(1, 1000), default=8, show_default=True, help="Number of people."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the people."
)
@click.option(
    "--size",
    type=click.IntRange(16, 1152),
    default=144,
    show_default=True,
    help="Size of a face in pixels.",
)
def command(out: Path, count: int, seed: int, size: int) -> None:
    """Draw people, each showing the five emotions."""
    faces = [draw_face(emotion, seed + n, size) for emotion in EMOTIONS for n in range(count)]
    sheet = _png(sheet_image(faces))
    if out.suffix.lower() == ".png":
        write_file(out, sheet)
        click.echo(f"{len(faces)} faces in {out}")
        return
    files = {f"{face.emotion}/{face.seed:06}.png": _png(face.image) for face in faces}
    write_files(out, {"sheet.png": sheet, **files})
    click.echo(f"{len(faces)} faces and sheet.png in {out}")


def _png(image: ColourImage) -> bytes:
    """A PNG file; OpenCV takes the colours in the order blue, green, red."""
    _, data = cv2.imencode(".png", image[..., ::-1])
    return bytes(data.tobytes())
