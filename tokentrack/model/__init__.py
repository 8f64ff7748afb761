"""The nouns. Plain data that every layer may use; no behaviour beyond arithmetic.

Money is integer micro-dollars, times are UTC milliseconds. `None` means *not known*, never zero.
"""
