"""Keywords: faces in front of the camera and the device's decisions about them."""

from __future__ import annotations

from pathlib import Path

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from facet.dataset import Frame, draw_face, load_frames
from facet.dataset.labels import EMOTIONS, LABEL_SETS, emotion_name
from facet.errors import FacetError
from facet.robot.desk import Keywords, check
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.decision import Decision
from facet.target.scene import Scene

_FIRST_SEED = 3_000_000
"""The first seed of the people in scenarios, above the seeds of the data sets' splits, so that no
model was trained on them."""


class FaceKeywords(Keywords):
    """Shows faces and checks decisions."""

    needs = (Console, Clock, Scene)

    @keyword("Show A Drawn ${emotion} Face")
    def show_a_drawn_face(self, emotion: str, person: int = 0, **scene: int) -> None:
        """Puts a face in front of the camera, where it stays.

        Args:
            emotion: happy, sad, angry, surprised or neutral.
            person: another number is another person.
            **scene: changes to the scene: ``light_percent=60`` ...
        """
        bench = self._bench
        bench.show(draw_face(_known(emotion), _FIRST_SEED + person), **scene)

    @keyword("The Device Says ${emotion}")
    def the_device_says(self, emotion: str) -> None:
        """Checks the next decision that the device makes by itself.

        The decision must name the class of the model that `emotion` belongs to.
        """
        bench = self._bench
        bench.skip()
        self._check_decision(emotion, bench.next_decision())

    @keyword("The Device Answers ${emotion} On Command")
    def the_device_answers_on_command(self, emotion: str) -> None:
        """Asks for a decision and checks it; the device must be asleep."""
        self._check_decision(emotion, self._bench.decide())

    @keyword("At Least ${percent} Percent Of ${count} Drawn ${emotion} Faces Are Recognised")
    def drawn_faces_are_recognised(self, percent: float, count: int, emotion: str) -> None:
        """Shows `count` people one after the other and checks the share of right decisions."""
        label = self._class_of(_known(emotion))
        faces = (draw_face(emotion, _FIRST_SEED + person) for person in range(count))
        frames = [Frame(face.gray, label, f"person {n}", "drawn") for n, face in enumerate(faces)]
        self._recognise(frames, percent)

    @keyword("At Least ${percent} Percent Of ${count} Faces Of ${dataset} Are Recognised")
    def faces_of_dataset_are_recognised(self, percent: float, count: int, dataset: str) -> None:
        """Shows faces of a data set's public split; skips the test where the set is missing."""
        if not Path(dataset).exists():
            raise SkipExecution(f"{dataset} does not exist")
        self._recognise(load_frames(dataset, limit=count, labels=self._desk.labels), percent)

    def _recognise(self, frames: list[Frame], percent: float) -> None:
        bench = self._bench
        right = 0
        for frame in frames:
            bench.show(frame)
            bench.skip()
            decision = bench.next_decision()
            right += decision.said == frame.label
            logger.info(f"{frame.name}: {frame.label}, said {decision.said}")
        rate = 100 * right / len(frames)
        logger.info(f"{right} of {len(frames)} recognised, {rate:.1f} %", also_console=True)
        check(rate >= percent, f"{right} of {len(frames)} is {rate:.1f} %, less than {percent:g} %")

    def _check_decision(self, emotion: str, decision: Decision) -> None:
        wanted = self._class_of(emotion)
        check(
            decision.said == wanted,
            f"the device said {decision.said} ({decision.confidence} %), not {wanted}",
        )

    def _class_of(self, emotion: str) -> str:
        """The model's class for an emotion; skips the test where the model has none."""
        labels = self._desk.labels
        label = labels.class_of(emotion)
        if label is not None:
            return label
        if emotion_name(emotion) is None:
            raise FacetError(
                f"no emotion {emotion!r}: there are {', '.join(LABEL_SETS['eight'].labels)}"
            )
        raise SkipExecution(
            f"the model has no class for {emotion}: its classes are {', '.join(labels.labels)}"
        )


def _known(emotion: str) -> str:
    if emotion not in EMOTIONS:
        raise FacetError(f"no emotion {emotion!r}: there are {', '.join(EMOTIONS)}")
    return emotion
