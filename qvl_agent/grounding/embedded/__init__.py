"""The embedded grounder: OCR and OpenCV, no model weights beyond the OCR's own.

The data walks: `reading` (pixels to lines of characters) → `lettering` (how a line is set) →
`frames`, `marks`, `rules` (what is drawn) → `widgets`, `captions`, `menus`, `softfields` (what
it is) → `fields` (which text names it) → `assembly` (all of it as a `scene`) → `query` and
`matching` (a person's words to an element) → `evidence` (how sure) → `grounder`.
"""
