"""Targets: boards, simulated or real, that tests use through capabilities.

Each capability is a small protocol in a module of its own: `Console`, `Clock`, `Scene`, `States`,
`Rules`, `Faults`, `Pins`, `Buttons`, `Core`, `Memory`, `Profiler`. A target offers those it has;
`Bench` puts the words of tests on top of them.
"""
