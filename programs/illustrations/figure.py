"""The figure: from joint angles to joints."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin

from programs.illustrations.space import Vector, add, minus, times, turned

SIDES = {"left": 1.0, "right": -1.0}
LIMB_JOINTS = ("hip", "knee", "ankle", "heel", "ball", "toe", "shoulder", "elbow", "wrist", "hand")


@dataclass(frozen=True, kw_only=True)
class Leg:
    """
    Degrees. `thigh`: raised forward from straight down. `out`: to the side. `turn`: turned outward at the hip.
    `knee`: bent, 0 is straight. `toes`: pointing outward, 0 is straight ahead. The sole is level.
    """

    thigh: float
    knee: float
    out: float = 0
    turn: float = 0
    toes: float = 0


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Degrees, seen from the torso. `raised` forward from hanging, `out` to the side, `turn` outward, `elbow` bent."""

    raised: float
    out: float
    elbow: float
    turn: float = 0


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Degrees. `lean`: of the torso, forward from upright. `head`: bowed forward, from in line with the torso."""

    lean: float
    head: float
    left_leg: Leg
    right_leg: Leg
    left_arm: Arm
    right_arm: Arm


@dataclass(frozen=True)
class Figure:
    """Joints in centimetres, by names such as `left knee`; the axes of torso and head; the direction of each foot."""

    joints: Mapping[str, Vector]
    torso_up: Vector
    torso_front: Vector
    head_up: Vector
    head_front: Vector

    def __getitem__(self, joint: str) -> Vector:
        return self.joints[joint]


def stand(pose: Pose, lengths: Mapping[str, float], at: Vector = (0, 0, 0)) -> Figure:
    """The figure in this pose, its lower foot on the floor and its right ankle above `at`."""
    up, front = _tilted(pose.lean)
    head_up, head_front = _tilted(pose.lean + pose.head)
    neck = times(up, lengths["torso"])
    joints: dict[str, Vector] = {"hips": (0, 0, 0), "neck": neck}
    joints["head"] = add(neck, times(up, lengths["neck"] * 0.45), times(head_up, lengths["neck"] * 0.55))
    for side, z in SIDES.items():
        leg, arm = (pose.left_leg, pose.left_arm) if z > 0 else (pose.right_leg, pose.right_arm)
        hip, shoulder = (0.0, 0.0, z * lengths["hip"]), add(neck, (0, 0, z * lengths["shoulder"]))
        named = {"hip": hip, "shoulder": shoulder}
        named |= _leg(leg, hip, z, lengths) | _arm(arm, shoulder, z, pose.lean, lengths)
        joints |= {f"{side} {name}": point for name, point in named.items()}
    lowest = min(joints[f"{side} ankle"][1] for side in SIDES)
    shift = minus(add(at, (0, lengths["ankle"], 0)), (joints["right ankle"][0], lowest, joints["right ankle"][2]))
    return Figure({name: add(point, shift) for name, point in joints.items()}, up, front, head_up, head_front)


def _tilted(angle: float) -> tuple[Vector, Vector]:
    """Up and front of something that leans forward by `angle`."""
    return turned((0, 1, 0), (1, 0, 0), angle), turned((1, 0, 0), (0, -1, 0), angle)


def _limb(z: float, raised: float, out: float, turn: float) -> tuple[Vector, Vector]:
    """The direction of a limb's upper part, and the one to which its joint points when it is bent."""
    down, outward = (0.0, -1.0, 0.0), (0.0, 0.0, z)
    upper = turned(down, outward, out)
    bend = turned((1, 0, 0), turned(outward, times(down, -1), out), turn)
    return _raise(upper, raised), _raise(bend, raised)


def _raise(vector: Vector, angle: float) -> Vector:
    c, s = cos(radians(angle)), sin(radians(angle))
    return (vector[0] * c - vector[1] * s, vector[0] * s + vector[1] * c, vector[2])


def _leg(leg: Leg, hip: Vector, z: float, lengths: Mapping[str, float]) -> dict[str, Vector]:
    thigh, front = _limb(z, leg.thigh, leg.out, leg.turn)
    knee = add(hip, times(thigh, lengths["thigh"]))
    ankle = add(knee, times(turned(thigh, times(front, -1), leg.knee), lengths["shank"]))
    ahead = turned((1, 0, 0), (0, 0, z), leg.toes)
    sole = minus(ankle, (0, lengths["ankle"], 0))
    along = {"heel": -0.24, "ball": 0.52, "toe": 0.76}
    return {"knee": knee, "ankle": ankle} | {
        name: add(sole, times(ahead, part * lengths["foot"])) for name, part in along.items()
    }


def _arm(arm: Arm, shoulder: Vector, z: float, lean: float, lengths: Mapping[str, float]) -> dict[str, Vector]:
    upper, front = _limb(z, arm.raised - lean, arm.out, arm.turn)
    elbow = add(shoulder, times(upper, lengths["upper_arm"]))
    fore = turned(upper, front, arm.elbow)
    wrist = add(elbow, times(fore, lengths["forearm"]))
    return {"elbow": elbow, "wrist": wrist, "hand": add(wrist, times(fore, lengths["hand"]))}
