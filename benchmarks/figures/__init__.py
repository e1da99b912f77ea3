"""Every published figure is declared here, measured by `make figures`, and written into BENCHMARKS.md.

A *figure* is one measurement: the commands that are run, and what is kept of their answers. A *part* is a group of
figures with the tables that show them. Nothing here imports `metadream`: figures are measured with the command line,
as a reader measures them. `benchmarks/README.md` says how to add one.
"""
