"""The networks, as Keras models: those of the published documents, and Facet's own family.

Each builder takes the number of classes and returns the untrained network: a model from images,
float32 [batch, 48, 48, 1] in 0..1, to probabilities, [batch, classes].
"""
