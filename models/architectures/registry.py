"""The networks by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facet.dataset.labels import LABEL_SETS, LabelSet
from facet.errors import FacetError
from models.architectures.emotionnet_nano import emotionnet_nano_a, emotionnet_nano_b
from models.architectures.facet_nano import facet_nano
from models.architectures.facet_small import facet_ck, facet_small
from models.architectures.guide import guide
from models.architectures.mobilenetv2 import mobilenetv2_035
from models.architectures.seven import seven
from models.architectures.tinyvision import tinyvision
from models.architectures.wiacek import wiacek

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """A network that can be trained.

    Args:
        builder: makes the untrained network for a number of classes.
        label_set_name: key in ``facet.dataset.labels.LABEL_SETS`` of the classes it is trained on.
        source: the document that describes it.
    """

    builder: Callable[[int], keras.Model]
    label_set_name: str
    source: str

    @property
    def label_set(self) -> LabelSet:
        """The classes that it is trained on."""
        return LABEL_SETS[self.label_set_name]

    def build(self) -> keras.Model:
        """The untrained network with an output for each class."""
        return self.builder(len(self.label_set.labels))


ARCHITECTURES: Final[dict[str, Architecture]] = {
    "facet-small": Architecture(facet_small, "five", "Facet"),
    "facet-nano": Architecture(facet_nano, "five", "Facet"),
    "facet-ck": Architecture(facet_ck, "six", "Facet"),
    "guide": Architecture(guide, "five", "TinyML emotion detection: the guide, section 3"),
    "seven": Architecture(
        seven,
        "seven",
        "Face Emotion Recognition using TinyML: no layers given, so Edge Impulse's own classifier",
    ),
    "tinyvision": Architecture(tinyvision, "seven", "TinyVision, table of the optimized CNN"),
    "wiacek": Architecture(wiacek, "eight", "Adam Wiącek, vicksam/fer-model; TinyVision's table"),
    "mobilenetv2-035": Architecture(
        mobilenetv2_035, "three", "TinyVision, transfer learning; arXiv 1801.04381"
    ),
    "emotionnet-nano-a": Architecture(
        emotionnet_nano_a,
        "ck7",
        "EmotionNet Nano-A, arXiv 2006.15759: variant B's figure, widened to A's 232k parameters",
    ),
    "emotionnet-nano-b": Architecture(
        emotionnet_nano_b,
        "ck7",
        "EmotionNet Nano-B, arXiv 2006.15759: the figure's widths; 141k parameters, not its 136k",
    ),
}
"""Every network by the name of the model that it becomes."""


def architecture(name: str) -> Architecture:
    """The network of a name.

    Raises:
        FacetError: no network of this name.
    """
    if name not in ARCHITECTURES:
        raise FacetError(f"no network '{name}': choose one of {', '.join(sorted(ARCHITECTURES))}")
    return ARCHITECTURES[name]
