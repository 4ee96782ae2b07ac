"""The desktop as this machine has it: monitors, windows and pixels, behind one protocol."""
