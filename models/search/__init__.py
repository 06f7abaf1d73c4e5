"""Search of architectures and hyperparameters: random sampling and successive halving.

``space`` defines what is sampled and the budget, ``cost`` computes the cost of a plan before it is
trained, ``trial`` trains one candidate, ``workers`` runs trials on Dask, ``search`` is the loop,
``study`` stores the results with Optuna, ``report`` shows them. docs/search.md describes the use.
"""
