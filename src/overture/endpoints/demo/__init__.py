"""The sample shop's page and its chat box, served under `overture demo` only."""
