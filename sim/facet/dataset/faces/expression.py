"""Emotions as action units of the Facial Action Coding System (Ekman and Friesen, 1978)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from facet.dataset.labels import EMOTIONS


@dataclass(frozen=True)
class ActionUnits:
    """Intensity of each action unit, 0 at rest to 1 at most."""

    inner_brow_raiser: float = 0.0
    """AU1"""
    outer_brow_raiser: float = 0.0
    """AU2"""
    brow_lowerer: float = 0.0
    """AU4"""
    upper_lid_raiser: float = 0.0
    """AU5"""
    cheek_raiser: float = 0.0
    """AU6"""
    lid_tightener: float = 0.0
    """AU7"""
    upper_lip_raiser: float = 0.0
    """AU10"""
    lip_corner_puller: float = 0.0
    """AU12"""
    lip_corner_depressor: float = 0.0
    """AU15"""
    chin_raiser: float = 0.0
    """AU17"""
    lip_tightener: float = 0.0
    """AU23"""
    lips_part: float = 0.0
    """AU25"""
    jaw_drop: float = 0.0
    """AU26"""
    lid_droop: float = 0.0
    """AU43, partly: the upper lid sinks"""


_WAYS: dict[str, tuple[ActionUnits, ...]] = {
    "happy": (
        ActionUnits(cheek_raiser=0.8, lip_corner_puller=1.0, lips_part=0.7),
        ActionUnits(cheek_raiser=0.9, lip_corner_puller=1.0, lips_part=0.8, jaw_drop=0.45),
        ActionUnits(cheek_raiser=0.7, lip_corner_puller=1.0),
    ),
    "sad": (
        ActionUnits(
            inner_brow_raiser=1.0,
            brow_lowerer=0.5,
            lip_corner_depressor=1.0,
            chin_raiser=0.6,
            lid_droop=0.6,
        ),
        ActionUnits(
            inner_brow_raiser=0.9,
            brow_lowerer=0.4,
            lip_corner_depressor=0.9,
            lips_part=0.25,
            lid_droop=0.8,
        ),
    ),
    "angry": (
        ActionUnits(
            brow_lowerer=1.0,
            upper_lid_raiser=0.45,
            lid_tightener=0.8,
            lip_tightener=1.0,
            lip_corner_depressor=0.3,
            chin_raiser=0.4,
        ),
        ActionUnits(
            brow_lowerer=1.0,
            upper_lid_raiser=0.5,
            lid_tightener=0.7,
            upper_lip_raiser=0.9,
            lips_part=0.9,
            lip_corner_depressor=0.35,
            jaw_drop=0.2,
        ),
    ),
    "surprised": (
        ActionUnits(
            inner_brow_raiser=1.0,
            outer_brow_raiser=1.0,
            upper_lid_raiser=1.0,
            lips_part=0.8,
            jaw_drop=1.0,
        ),
        ActionUnits(
            inner_brow_raiser=1.0,
            outer_brow_raiser=1.0,
            upper_lid_raiser=0.9,
            lips_part=0.6,
            jaw_drop=0.6,
        ),
    ),
    "neutral": (ActionUnits(),),
}
"""Happy is 6+12, sad 1+4+15, angry 4+5+7+23, surprised 1+2+5+26 (EMFACS); with variants such as an
open or a closed mouth."""

assert tuple(_WAYS) == EMOTIONS


def expression(emotion: str, rng: np.random.Generator) -> ActionUnits:
    """One person's expression of an emotion: variant, intensity, and small personal differences."""
    ways = _WAYS[emotion]
    way = ways[int(rng.integers(len(ways)))]
    strength = 0.75 + 0.25 * rng.random()
    changes = {}
    for field in fields(ActionUnits):
        own = 0.85 + 0.3 * rng.random()
        changes[field.name] = min(getattr(way, field.name) * strength * own, 1.1)
    return replace(way, **changes)
