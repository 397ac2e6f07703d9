"""Pictures of the exercises, drawn as SVG from one figure: its joint angles, and the frames, are in `poses.toml`."""

from programs.illustrations.frames import Frame, frames, frames_by_placement, picture_file

__all__ = ["Frame", "frames", "frames_by_placement", "picture_file"]
