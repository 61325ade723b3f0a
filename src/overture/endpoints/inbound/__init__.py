"""What other systems hand in."""
