"""What a single kind of step needs to know."""
