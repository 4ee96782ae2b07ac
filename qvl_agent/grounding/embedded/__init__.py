"""The embedded grounder: OCR and OpenCV, no model weights beyond the OCR's own.

The data walks: `reading` (pixels to lines of characters) → `widgets` (pixels to boxes with a
kind) → `scene` (lines, widgets and the ties between them) → `query` and `matching` (words of a
person to an element of the scene) → `grounder`.
"""
