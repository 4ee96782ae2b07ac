"""placeholder until the real one lands"""
from __future__ import annotations


class Screenshot:
    pass
