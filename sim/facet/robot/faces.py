"""Keywords: a face is shown, and the device says what it sees."""

from __future__ import annotations

from pathlib import Path

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from facet.dataset import Frame, draw_face, load_frames
from facet.dataset.labels import EMOTIONS, LABEL_SETS, emotion_name
from facet.errors import FacetError
from facet.robot.desk import Keywords, check
from facet.target.decision import Decision

_FIRST_SEED = 3_000_000
"""Of the people in scenarios; beyond those of the data sets' splits, so none was learnt from."""


class FaceKeywords(Keywords):
    """Faces before the camera and decisions about them."""

    @keyword("Show A Drawn ${emotion} Face")
    def show_a_drawn_face(self, emotion: str, person: int = 0, **scene: int) -> None:
        """It stays before the camera.

        Args:
            emotion: happy, sad, angry, surprised or neutral.
            person: another number is another person.
            **scene: what to change about the scene: ``light_percent=60`` ...
        """
        face = draw_face(_known(emotion), _FIRST_SEED + person)
        self._desk.bench.show(face, **scene)

    @keyword("The Device Says ${emotion}")
    def the_device_says(self, emotion: str) -> None:
        """The next decision that it makes by itself; the class that `emotion` is of counts."""
        self._desk.bench.skip()
        self._check_said(emotion, self._desk.bench.next_decision())

    @keyword("Asked Now, The Device Says ${emotion}")
    def asked_now_the_device_says(self, emotion: str) -> None:
        """A decision on command; the device must be asleep."""
        self._check_said(emotion, self._desk.bench.decide())

    @keyword("At Least ${percent} Percent Of ${count} Drawn ${emotion} Faces Are Recognised")
    def drawn_faces_are_recognised(self, percent: float, count: int, emotion: str) -> None:
        """Shows `count` people one after the other and asks for a decision about each."""
        label = self._class_of(_known(emotion))
        faces = (draw_face(emotion, _FIRST_SEED + person) for person in range(count))
        frames = [Frame(face.gray, label, f"person {n}", "drawn") for n, face in enumerate(faces)]
        self._recognise(frames, percent)

    @keyword("At Least ${percent} Percent Of ${count} Faces Of ${dataset} Are Recognised")
    def faces_of_dataset_are_recognised(self, percent: float, count: int, dataset: str) -> None:
        """The public split of a data set; skipped, with the reason, where it is not there."""
        if not Path(dataset).exists():
            raise SkipExecution(f"{dataset} is not here")
        self._recognise(load_frames(dataset, limit=count, labels=self._desk.labels), percent)

    def _recognise(self, frames: list[Frame], percent: float) -> None:
        right = 0
        for frame in frames:
            self._desk.bench.show(frame)
            self._desk.bench.skip()
            decision = self._desk.bench.next_decision()
            right += decision.said == frame.label
            logger.info(f"{frame.name}: {frame.label}, said {decision.said}")
        rate = 100 * right / len(frames)
        logger.info(f"{right} of {len(frames)} recognised, {rate:.1f} %", also_console=True)
        check(rate >= percent, f"{right} of {len(frames)} is {rate:.1f} %, less than {percent:g} %")

    def _check_said(self, emotion: str, decision: Decision) -> None:
        wanted = self._class_of(emotion)
        check(
            decision.said == wanted,
            f"the device said {decision.said} ({decision.confidence} %), not {wanted}",
        )

    def _class_of(self, emotion: str) -> str:
        """What a device with this model says of an emotion; skips the test where it has no word."""
        labels = self._desk.labels
        label = labels.class_of(emotion)
        if label is not None:
            return label
        if emotion_name(emotion) is None:
            raise FacetError(
                f"no emotion {emotion!r}: there are {', '.join(LABEL_SETS['eight'].labels)}"
            )
        raise SkipExecution(
            f"the model has no class for {emotion}: it tells {', '.join(labels.labels)} apart"
        )


def _known(emotion: str) -> str:
    if emotion not in EMOTIONS:
        raise FacetError(f"no emotion {emotion!r}: there are {', '.join(EMOTIONS)}")
    return emotion
