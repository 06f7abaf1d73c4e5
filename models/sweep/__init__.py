"""Search of architectures and recipes: random draws from a stated space, successive halving.

``space`` says what may be drawn and what it may cost, ``footprint`` what a plan costs before it is
trained, ``trial`` trains one, ``cluster`` runs trials on Dask, ``search`` puts them together,
``journal`` keeps what they gave, ``report`` shows it. docs/search.md tells how to use it.
"""
