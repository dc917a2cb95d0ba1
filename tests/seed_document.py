"""The user's example document: where it lies and which figures it prints."""

from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "shared/seeds/2023-10-09.txt"

FIGURES: dict[str, tuple[int | None, int | None]] = {
    "personnel": (282630, 350),
    "tanks": (4823, 2),
    "armored_vehicles": (9126, 3),
    "artillery": (6706, 1),
    "mlrs": (808, None),
    "air_defense": (543, 1),
    "aircraft": (315, None),
    "helicopters": (316, None),
    "cruise_missiles": (1530, None),
    "ships_boats": (20, None),
    "submarines": (1, None),
}
