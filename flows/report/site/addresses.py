"""Where the pages of the site are: addresses from its root, to link to every day."""

from datetime import date


def month_of(day: date) -> str:
    """Return the name of a day's month, as it stands in addresses: "2023-10"."""
    return f"{day:%Y-%m}"


def day_address(day: date) -> str:
    """Return the address of a day, from the root of the site."""
    return f"days/{month_of(day)}.html#{day}"
