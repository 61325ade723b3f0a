"""Language models, which are optional: what is asked of them, how it is paid for, and who answers."""
