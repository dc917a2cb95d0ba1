"""The words that the renderers print: labels as outlets print them, and distracting sentences."""

from collections.abc import Mapping

ENGLISH: Mapping[str, tuple[str, ...]] = {
    "personnel": ("personnel", "troops", "military personnel"),
    "tanks": ("tanks",),
    "armored_vehicles": (
        "armored combat vehicles",
        "armoured fighting vehicles",
        "armored personnel vehicles",
    ),
    "artillery": ("artillery systems",),
    "mlrs": ("multiple launch rocket systems", "MLRS", "multiple rocket launchers"),
    "air_defense": (
        "air defense systems",
        "anti-aircraft warfare systems",
        "air defence systems",
    ),
    "aircraft": ("aircraft", "planes", "warplanes"),
    "helicopters": ("helicopters",),
    "uavs": ("unmanned aerial vehicles", "UAVs", "drones"),
    "cruise_missiles": ("cruise missiles",),
    "ships_boats": ("ships/boats", "warships / boats", "ships and boats"),
    "submarines": ("submarines",),
    "vehicles_fuel_tanks": ("vehicles and fuel tanks",),
    "special_equipment": ("special equipment", "special military equipment"),
    "ground_robots": ("ground robotic systems",),
    "military_vehicles": ("vehicles", "military vehicles"),
    "fuel_tanks": ("fuel tanks",),
    "mobile_srbm": ("mobile SRBM systems",),
}

UKRAINIAN: Mapping[str, tuple[str, ...]] = {
    "personnel": ("особового складу",),
    "tanks": ("танків",),
    "armored_vehicles": ("бойових броньованих машин", "ББМ"),
    "artillery": ("артилерійських систем", "артсистем"),
    "mlrs": ("РСЗВ", "реактивних систем залпового вогню"),
    "air_defense": ("засоби ППО", "засобів ППО"),
    "aircraft": ("літаків",),
    "helicopters": ("гелікоптерів", "вертольотів"),
    "uavs": ("БПЛА оперативно-тактичного рівня", "БпЛА"),
    "cruise_missiles": ("крилаті ракети", "крилатих ракет"),
    "ships_boats": ("кораблі /катери", "кораблі та катери"),
    "submarines": ("підводні човни",),
    "vehicles_fuel_tanks": ("автомобільної техніки та автоцистерн",),
    "special_equipment": ("спеціальна техніка", "спеціальної техніки"),
    "ground_robots": ("наземні робототехнічні комплекси",),
    "military_vehicles": ("автомобільної техніки",),
    "fuel_tanks": ("цистерн з ПММ",),
    "mobile_srbm": ("пускові установки ОТРК/ТРК",),
}
"""`prisoners` is in neither: no bulletin printed them, only the reference counts them."""

ENGLISH_NOISE = (
    "Air defence crews said that they had shot down 29 of 31 drones and 2 missiles overnight.",
    "In the Kharkiv region 3 people aged 34 and 61 were hurt; 1,200 homes are without power.",
    "The hryvnia closed at 36.6 to the dollar; wheat rose by 4 percent to 190 euros a ton.",
    "The heating season of 2023-24 may be harder than the last, the operator fears.",
)
UKRAINIAN_NOISE = (
    "Уночі збито 29 із 31 ударного безпілотника, пошкоджено 3 склади.",
    "За добу відбулося 35 бойових зіткнень, обстріляно понад 120 населених пунктів.",
    "Потяг № 67 запізнюється на 2 години, квиток коштує 410 гривень.",
)
