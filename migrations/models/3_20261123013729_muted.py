"""Muted."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
ALTER TABLE "memberships" ADD "is_muted" INT NOT NULL DEFAULT 0;
""",
    "postgres": """
ALTER TABLE "memberships" ADD "is_muted" BOOL NOT NULL DEFAULT False;
""",
}

DOWN = {
    "sqlite": """
ALTER TABLE "memberships" DROP COLUMN "is_muted";
""",
    "postgres": """
ALTER TABLE "memberships" DROP COLUMN "is_muted";
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
    "eJztXW1T2zgQ/iuefLl2JseAGyB33wKFlisvN5BeO+10PEosEh225FrKQa7Hfz/J7+9YITaJ6k8Eadd2Hq202mdXzo+eTUxo0Z0j"
    "i0x6v2s/ehjYkH9Itfe1HnCcuFU0MDCxPMEJl/BawIQyF0wZb7wFFoW8yYR06iKHIYKF6A2xoTZZMkg1hDU2hxplxAUzLgqwqd3P"
    "AdPuAdVsYEKN3AoJe0dc2iRTfm2EZ8+6ygKj7wtoMDKDvM3l1/r6jTcjbMIHSMN/nTvjFkHLTKFxB5fiCl6HwZaO13g8B+6pJyoe"
    "cWJMibWwcULcWbI5wZE8/wqidQYxdAGDZgIovLCsANCwyX9a3sDcBYwe04wbTHgLFpaAW2j7jxC39Qzj8mps3JyMDaOXG4pQI4Fr"
    "0DQlWAwjwox6CNjgwbAgnrE5//dg8OjfJwbClxI3/Gt0ffx+dP3qYPBa3JAPydS3kMugR/e6Hr1LAAb8i3i4x0BTxpGRgTpSWA/Y"
    "YUOMdmzLEbR30GG9VgAf1sB7WAr30Ec7Man5lJABN5RvEdt2cN3b3a2BLJcqxdbrS6M7daFAwwAsj/Fb3sOQDYtxTmtm0DYD1Z3w"
    "Q1PYN7mM8C9oXmFrGSxfFeCPzy5Obsajiz/F7WxKv1sefqPxiejRvdZlpvXVQWacooton87G7zXxr/bl6vLEg5dQNnO9O8Zy4y89"
    "8UxgwYiByb0BzMRKG7aGqD0KP3F7l1jARMMETO/ugWsauR6ikzLZfJet29kWgLl3MwNwxWMGzvkUed8257S99kqnfcslajrtkSaE"
    "uRflbpVy1zsh5lKjELMd7RPihrpgGtBsSCl/Rg0xDVGNYP6Bcie81Bjh//GrEpdLOdClBP9CNQdN2cKFed/e9M2esQVAZn5WH6HZ"
    "GWbFc9qXz8xlPh+yszewsc3dAczEI/z6m66/eXOo7745GO4PDg/3h7tDLus9b77rsGJ+H529O7scp6eraKjeFziLiYWmRtEglLuv"
    "lJJymzFdr+HCdL3Ug4mutANzCbELIa6y84TS08ZeAHEAYIWnUtXaE+u2v6JJY5/W6+BfEX4RwhqSIV5Sp6nt8fYHejHG3l8JfEP5"
    "9kKP9hbu/f06K/f+fvnSLfqyS4iJgA+TBMppLQWxbiTQuwU2sqRWi1hDSYxrQVyBcBZgiv4tMOMqTxhqrOQDNw7eF/GCHX1RPiBq"
    "0RfJUV9Q6ErvOxNKTU04NXedOeIoPRD5UTglLkQz/AEuvZE4488N8LRoqQu4n4/BZbZrBB5DCwtb4/u74D5iY5KGx786/8KQ+Z53"
    "dHM8envSe3wZIu4C2hPo0jlyegV0XKK3X0XK2ZFcPWquHN0CmuurF6h7HJiwkG8d7bUpa0K/gvZyiSW1nw/lW0zY+FbbVtpm3TvN"
    "vwnCK+15UordlmebtjzimxkUfpfkORNa7UUZuwosb4k9DvZQvHV9TySx4UwrNsR0/gRBHqKGvRAQ5eEn3HcAXOLVE2oZ8Cdcrynr"
    "j1qS+Mtuhoq3moUQXl2dp9awo7MMoJcfL45OuIvxFi8uhFgJzi+SStk4H/Iyi0wX0W5GRBsGHM+MaK+Dy2yZ8dcNaROTvjikzdp2"
    "RxJsK0ngJWt7hQyB39Wvpgc8oUa5AbG/5V8iQxaIobAQxMxLeGapg1j4H+hScftvHZuwkWyCdMzTerijyBDEkIdTQgr2hFIH/crQ"
    "C9YAmsZKI5DX7Qbi2dVN8sUJab0WSU0GH1qq8F8/pclvxyAuIDTH/EuVJHBjFSXqE6rIypPP41SMH0L56mL0+XWKqzy/unwXiieg"
    "Pz6/OspAPme2JYN3KN+BvQLYokLckC0nSymtBPum0YfNl5QBxsB0bkNxRwnjzqipAHbbJp6ItiRsPK2lAu5NF6WK3BxlwHZks38p"
    "xXayf62Gq+om/3w6aJWMb1pzDYO+YZNtSwY5xKQ6xdulX7r0y89A93Xply79smGIbmj6xbPjgtxLaN/liRdhIg1kXboKzE1ZRPsV"
    "OZMpkXtlRiiv3HHjvTrHjffKjxvv5Y4bd0cCmz2mlnwyCZgzasq9+0XfrQW2ECtny3bzcCNqzCwyAQVM8FO1dbHeSxfXNR9LrrHI"
    "bnuSq2qV8VqAMvkC6qRWh3x3RrPjLOtyluHYTZbSxEpOtXtJyHrYlRjY9giBzRqGunxAzgRTrAB/Cu3y4/l5FS2QLCVJHZHMzINA"
    "+fTDNbRAyf618Ezmli11ZcgXVd08G6eoMlUVkJokmW44XP5z5nimsKtfRTVRX6hjmxR2Kv0KtomRO4iNOaBzmYg9raUc87T+vH+3"
    "jS6HXt1tNHxwEL/aCqOe1lRw1LdklGvl/rlnLqp+LV8+IwUVqc56TGcV0ZldPLsE/4aEoF02enuz0R7oBVFCOBjlIYL4Ql18oPCM"
    "r4oPxODLpk2TOgqmTod1XNyw3MMNCx2c+Cxbf53VUy4Q2zuolaU+qMhSH+TQhjZABSnTcpgjBQWNeU+vhbBegbBejLCsMaeUlLNk"
    "fVBrYzyo2BgPcjg7gNJ7wncGsvxNTlFBy24kFDERdSywlD4NltVTEO9GKoocl3gH6YKfVJGy8byqeieUGjmGh6gBTBsVlbk8UVYU"
    "qXVVRRJVRRw4gi2Ei95A/gTgsV6HuATiQWUQLDDxal42pdidyNpkVlb8CqeUw4gUWmRl6ZIyaLfDza7/xQ8WwLNFkKyvi3JSRz1/"
    "3MAvU5AFNotqKqo8Q6zUolsIg6ut9QpdkrbcytVK0uZyHHVKwaKfsFy9uCn8ncwtG/2a5V9dpVxXKbc+kMI1NToMuTpSNU8Ub9jO"
    "ohZKyfq91QFKlAqqYkpN5lJH0EXTea8gmxr09KvyqSCW2ZiE6s+STdX3BoeD4ZuDQZREjVqqcqdP50lLT4aVR0Ll58JUoIObeUGY"
    "U/DipIo6K6fodUkqoNsI2V76Hsc/bq4uSwKf0vc4mmjKtP80C9FtfJNNBbgCjFRok3v/WvZVa/10zCIucFRUaNVmYdDj/9fjDbo="
)
