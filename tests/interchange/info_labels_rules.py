"""The published format of info.labels, written down once more and apart from the code.

docs.edgeimpulse.com/tools/specifications/data-annotation/ei-labels: version; files with path, name,
category, optional label (type unlabeled, label or multi-label), metadata, boundingBoxes.
"""

from __future__ import annotations

from typing import Any


def violations(content: Any) -> list[str]:
    """The rules that an info.labels breaks; empty for a good one."""
    found = []
    if set(content) != {"version", "files"} or content["version"] != 1:
        found.append("top: version 1 and files")
    for number, entry in enumerate(content.get("files", [])):

        def require(rule: str, holds: bool, number: int = number) -> None:
            if not holds:
                found.append(f"file {number}: {rule}")

        extra = set(entry) - {"path", "name", "category", "label", "metadata", "boundingBoxes"}
        require(f"unknown {extra}", not extra)
        require(
            "path is relative", isinstance(entry["path"], str) and entry["path"][0] not in "/\\"
        )
        require("name has no suffix", isinstance(entry["name"], str) and "/" not in entry["name"])
        require("category", entry["category"] in ("training", "testing"))
        require("label", set(entry["label"]) == {"type", "label"})
        require("label type", entry["label"]["type"] == "label")
        require(
            "label text", isinstance(entry["label"]["label"], str) and entry["label"]["label"] != ""
        )
        require(
            "metadata is texts",
            all(isinstance(x, str) for item in entry["metadata"].items() for x in item),
        )
        require("no boxes", entry["boundingBoxes"] == [])
    return found
