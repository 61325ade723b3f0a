"""The sample shop's pages, served under `overture demo` only."""
