"""Keeps Datomic Ion Lambdas warm: reconciles aliases and provisioned concurrency with `warm.yaml`."""

__version__ = "1.0.0"
