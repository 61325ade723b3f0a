"""What any browser may call: the script, and the messenger's own calls."""
