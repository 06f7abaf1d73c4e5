"""Every network is that of its document, and converts to operators of the firmware."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from facet.errors import FacetError
from facet.model.check import check_model
from facet.model.tflite import read_model
from models.evaluation.graph import FIRMWARE_OPERATORS, Graph

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")

NAMES = sorted(pytest.importorskip("models.architectures.registry").ARCHITECTURES)

# Rows of the documents' tables: name there, shape of the output, parameters.
TINYVISION = """
conv1_1 48 48 32 320; bn1_1 48 48 32 128; sepconv1_2 48 48 32 1344; bn1_2 48 48 32 128
pool1 24 24 32 0; sepconv2_1 24 24 64 2400; bn2_1 24 24 64 256; sepconv2_2 24 24 64 4736
bn2_2 24 24 64 256; pool2 12 12 64 0; sepconv3_1 12 12 96 6816; bn3_1 12 12 96 384
sepconv3_2 12 12 96 10176; bn3_2 12 12 96 384; pool3 6 6 96 0; sepconv4_1 6 6 128 13280
bn4_1 6 6 128 512; sepconv4_2 6 6 128 17664; bn4_2 6 6 128 512; pool4 3 3 128 0
global_avg_pool 128 0; fc1 128 16512; predictions 7 903
"""
WIACEK = """
separable 48 48 48 105; bn 48 48 48 192; leaky 48 48 48 0
separable 48 48 48 2784; bn 48 48 48 192; leaky 48 48 48 0
separable 48 48 48 2784; bn 48 48 48 192; pool 24 24 48 0; dropout 24 24 48 0; leaky 24 24 48 0
separable 24 24 96 5136; bn 24 24 96 384; leaky 24 24 96 0
separable 24 24 96 10176; bn 24 24 96 384; leaky 24 24 96 0
separable 24 24 96 10176; bn 24 24 96 384; pool 12 12 96 0; dropout 12 12 96 0; leaky 12 12 96 0
separable 12 12 192 19488; bn 12 12 192 768; leaky 12 12 192 0
separable 12 12 192 38784; bn 12 12 192 768; pool 6 6 192 0; dropout 6 6 192 0; leaky 6 6 192 0
separable 6 6 384 75840; bn 6 6 384 1536; pool 3 3 384 0; dropout 3 3 384 0; leaky 3 3 384 0
separable 3 3 8 3464; pool 8 0
"""


def rows(table: str) -> list[tuple[int, ...]]:
    """Shape and parameters of each row."""
    lines = (row for line in table.strip().splitlines() for row in line.split(";"))
    return [tuple(int(word) for word in row.split()[1:]) for row in lines]


def rows_of(model: keras.Model, without: tuple[str, ...]) -> list[tuple[int, ...]]:
    return [
        (*layer.output.shape[1:], layer.count_params())
        for layer in model.layers
        if not any(kind in type(layer).__name__ for kind in without)
    ]


def built(name: str) -> keras.Model:
    import keras

    from models.architectures.registry import architecture

    keras.utils.set_random_seed(1)
    return architecture(name).build()


def noise() -> Any:
    return np.random.default_rng(0).random((8, 48, 48, 1)).astype(np.float32)


def vary(model: keras.Model) -> None:
    """Change the values that are initially zero or one: biases and normalizations."""
    random = np.random.default_rng(1)
    weights = model.get_weights()
    model.set_weights(
        [w * random.uniform(0.5, 1.5, w.shape) + 0.02 if w.ndim == 1 else w for w in weights]
    )


def test_an_unknown_network_is_an_error_with_the_known_names() -> None:
    with pytest.raises(FacetError, match="no network 'vgg': choose one of emotionnet-nano-a, "):
        built("vgg")


@pytest.mark.parametrize("name", NAMES)
def test_a_network_converts_to_operators_of_the_firmware(name: str, tmp_path: Path) -> None:
    from models.architectures.registry import ARCHITECTURES
    from models.quantization.convert import quantize

    model = built(name)
    vary(model)
    data = quantize(model, noise())
    assert Graph(data).operator_names <= FIRMWARE_OPERATORS
    path = tmp_path / "model.tflite"
    path.write_bytes(data)
    check_model(read_model(path))
    labels = ARCHITECTURES[name].label_set.labels
    assert model.output_shape == (None, len(labels))
    assert ARCHITECTURES[name].source


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("guide", 16 * 10 + 32 * (9 * 16 + 1) + 64 * (12 * 12 * 32 + 1) + 5 * 65),
        ("seven", 32 * 10 + 16 * (9 * 32 + 1) + 7 * (12 * 12 * 16 + 1)),
        ("tinyvision", 76_711),
        ("wiacek", 173_537),
    ],
)
def test_a_network_has_the_parameters_of_its_document(name: str, parameters: int) -> None:
    assert built(name).count_params() == parameters


@pytest.mark.parametrize(
    ("name", "thousands", "tolerance"),
    [("emotionnet-nano-a", 232, 0.001), ("emotionnet-nano-b", 136, 0.04)],
)
def test_emotionnet_nano_is_about_as_large_as_in_the_paper(
    name: str, thousands: int, tolerance: float
) -> None:
    assert deployed_parameters(built(name)) == pytest.approx(1000 * thousands, rel=tolerance)


def deployed_parameters(model: keras.Model) -> int:
    """The normalizations are folded into the convolutions, which get a bias for each output."""
    kernels = [weight for weight in model.get_weights() if weight.ndim > 1]
    return sum(kernel.size + kernel.shape[-1] for kernel in kernels)


def test_tinyvision_has_the_rows_of_its_table() -> None:
    assert rows_of(built("tinyvision"), ("InputLayer", "ReLU", "Dropout")) == rows(TINYVISION)


def test_wiacek_has_the_rows_of_its_table() -> None:
    assert rows_of(built("wiacek"), ("InputLayer", "Softmax")) == rows(WIACEK)


def imagenet_network(channels: int, alpha: float = 0.35, top: bool = False) -> keras.Model:
    """Keras' own MobileNetV2 with varied random weights."""
    import keras

    side = 224 if top else 48
    network = keras.applications.MobileNetV2(
        (side, side, channels), alpha=alpha, include_top=top, weights=None
    )
    vary(network)
    return network


def features(model: keras.Model, images: Any) -> Any:
    import keras

    return keras.Model(model.input, model.get_layer("out_relu").output)(images).numpy()


def test_mobilenetv2_computes_what_keras_own_computes() -> None:
    model, reference = built("mobilenetv2-035"), imagenet_network(1)
    head = model.get_layer("scores").count_params()
    assert model.count_params() - head == reference.count_params()
    for layer in reference.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    expected = features(reference, noise())
    np.testing.assert_allclose(features(model, noise()), expected, rtol=1e-4, atol=1e-5)
    assert expected.std() > 100 * 1e-5, "the features hardly vary, against the tolerance"


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5", ".keras"])
@pytest.mark.parametrize("top", [False, True])
def test_mobilenetv2_starts_from_imagenet(tmp_path: Path, suffix: str, top: bool) -> None:
    """The features of gray images are those of the color network, except at the padded border."""
    from models.architectures.mobilenetv2 import load_pretrained

    color = imagenet_network(3, top=top)
    path = tmp_path / f"imagenet{suffix}"
    if suffix == ".weights.h5":
        color.save_weights(path)
    else:
        color.save(path)
    model = built("mobilenetv2-035")
    load_pretrained(model, path)
    last = model.get_layer("Conv_1").get_weights()[0]
    np.testing.assert_array_equal(last, color.get_layer("Conv_1").get_weights()[0])

    import keras

    side = color.input_shape[1]
    images = np.repeat(np.random.default_rng(3).random((1, side, side, 1)), 3, axis=3)
    first = keras.Model(color.input, color.get_layer("bn_Conv1").output)(2 * images - 1)
    gray = keras.Sequential([model.get_layer("Conv1"), model.get_layer("bn_Conv1")])
    ours = gray(images[..., :1].astype(np.float32)).numpy()
    np.testing.assert_allclose(ours[:, :-1, :-1], first.numpy()[:, :-1, :-1], atol=1e-4)


def test_other_weights_are_refused_by_name(tmp_path: Path) -> None:
    import keras

    from models.architectures.mobilenetv2 import load_pretrained

    model = built("mobilenetv2-035")
    before = [weight.copy() for weight in model.get_weights()]
    (tmp_path / "text.h5").write_text("not HDF5")
    imagenet_network(3, alpha=0.5).save_weights(tmp_path / "wider.weights.h5")
    imagenet_network(3, alpha=0.5).save(tmp_path / "wider.keras")
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(tmp_path / "dense.h5")
    for name in ("text.h5", "wider.weights.h5", "wider.keras", "dense.h5"):
        with pytest.raises(FacetError, match=r"not the weights of Keras' MobileNetV2 .*0\.35") as e:
            load_pretrained(model, tmp_path / name)
        assert str(tmp_path / name) in str(e.value)
        assert "\n" not in str(e.value)
    with pytest.raises(FacetError, match="no such file"):
        load_pretrained(model, tmp_path / "none.h5")
    with pytest.raises(FacetError, match="only mobilenetv2-035 has ImageNet weights"):
        load_pretrained(built("guide"), tmp_path / "text.h5")
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_axes_of_a_mean_do_not_count_as_parameters() -> None:
    """EmotionNet Nano-B deployed has its kernels and a bias for each of their outputs."""
    from models.quantization.convert import quantize

    model = built("emotionnet-nano-b")
    vary(model)
    assert Graph(quantize(model, noise())).parameters == deployed_parameters(model)
