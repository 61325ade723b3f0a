"""What somebody wrote, as a typed value.

Each reader takes the value out of the sentence around it ("it's AB-12345, thanks"), and would rather not
understand than understand wrongly: two different answers in one message are none.
"""
