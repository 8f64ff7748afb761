"""Python imports this by itself where its folder is on PYTHONPATH: so what a test starts is guarded too."""

import trespass

trespass.watch_as_told()
