"""The names under which presence is kept in leases.

Two kinds of keys: a room's, with its people, and a person's, with their streams (`s`, about to open `o`), places (`p`), places
in the background (`b`) and looks (`v`).
"""


def is_online_in(names: set[str], room_id: int) -> bool:
    return f"b{room_id}" in names or is_here_in(names, room_id)


def is_here_in(names: set[str], room_id: int) -> bool:
    return f"p{room_id}" in names or f"v{room_id}" in names


def rooms_read_in(names: set[str]) -> set[int]:
    found = (name[1:].partition("-")[0] for name in names if name.startswith("s"))
    return {int(room_id) for room_id in found if room_id.isdecimal()}


def streams_in(names: set[str]) -> int:
    return sum(name.startswith(("s", "o")) for name in names)


def room_key(room_id: int) -> str:
    return f"room:{room_id}"


def person_key(user_id: int) -> str:
    return f"person:{user_id}"
