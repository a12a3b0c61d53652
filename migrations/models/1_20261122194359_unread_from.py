"""Unread from."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
ALTER TABLE "memberships" ADD "unread_from" BIGINT;
""",
    "postgres": """
ALTER TABLE "memberships" ADD "unread_from" BIGINT;
""",
}

DOWN = {
    "sqlite": """
ALTER TABLE "memberships" DROP COLUMN "unread_from";
""",
    "postgres": """
ALTER TABLE "memberships" DROP COLUMN "unread_from";
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
    "eJztXG1z2jgQ/isMn9qZXIc4hHD3DVLack3gJqF3nXY6HoEV0MWWXUs0YXr57yf5/T0Wxa5R/Q0krS09u5Z2n137e9cwNaiTV9fQ"
    "WEKbbJDV/aPzvYuBAdmPjN6TThdYVtjHGyhY6u7wYJzTDpaE2mBFWdcd0AlkTRokKxtZFJmYteKtrvNGc8UGIrwOm7YYfd1ClZpr"
    "SDfQZh2fP3dt0zT4dbeEtXz5wn4hrMFHSHg3/2vdq3cI6lpsDUjjMk67SneW0zZG6ymmb5yxfAJLdWXqWwOH460d3Zg4EECY8tY1"
    "xNAGFPI7UHvLV8Qn7K3fX6Q7+XCIO8uIjAbvwFanEQSWatjWVdXZfKHeThaq2hXAbGVijjebKnEAWPMp/Pa7opydXSi9s8HwvH9x"
    "cT7sDdlYZ77prosndzIhWu6lHMymb6ezBZ+QyZTqKpw3PDkygAJXylFGiL5tspEp/C83wM5G3x+fwJ8tLIm/j3aRAvyGUAOhIQZw"
    "u1bbrUoNBnhUdYjXdMP+nvYKEP57dHP5bnTz4rT3Mg7zzOtRnC4OeAjwvybCUFMBTaP8miFFkQGzkY4JJuDWPMlX/o+qwK/S/m0I"
    "tDnWd95zVwD8Yno9uV2Mrv/itzMI+ao78I0WE96jOK27ROuLQUJJwUU6/0wX7zr8b+fTfDZx4DUJXdvOHcNxi09dPiewpaaKzQcV"
    "aJEtwm/1UYvpnK9MJfCr2MYWlXp+ezuUhnsSbG8h8lvsoHhnuydRefATgnvh75lGYx6wn6IB7gSoomd6RKg+y5cOeu53CUMfEaoK"
    "ejm9Ku7Q3t3nOFVZ288b04Zojd/DnaOJKZs3wKssb8pz62+8yxyZ8T/5Jua3hiZgg4cgAog+9GztbMWQus7n6PZy9HrSTdn2ASD9"
    "4F3muIy6LKKRZzkbUW6zS7C6fwA2O+uixst7TMVMtARj012GYiRbAAZrBxu+Cj7nIDwlBDjPZUbk6nadFIetzqBKY1bud7FFJIJY"
    "rgodQUzVe7hLhbTh4G8squa3/9JGuY2McoV98drdcElUEELuPxJCsEeEWuj3hp5Hs1BT99JAWrZVxN6K8A4uF7uUGvJJtqRcjWQb"
    "hY/0WKk2djsKcQbRtmCLykY6IlIfyNV7ipkk2uTjIsaf+VC+uB59fBnj0K7ms7f+8Aj0l1fzcQLyDTV0Ebz98S3Ye4B9h3SoOn8E"
    "9pKY0F6wN43Wiu0iyvl5iW2EjcrdR5y+xEYS+vwCSMel5IN60C+B9KCfCzTviuPMMxcsYjcs0dxITLCe3EitQZO8qRGXlNgnHxaX"
    "PIDSG/awHYmSfUyKE2BtEqBNAvwKpFObBGiTAA1DtKFJAMeOMzIAvn3n0//cRCrg/tv6tKZsoicFzP2K2YNQEOaNPwzB8HMVEKfL"
    "lDJ0mZJPlynJ6EuUSfghEqFp51OSiyxHRhaxkSk6MjozAZgTYjVyv/XwvkqvFNh8WD5n00vDjYi61s0lyOAjx6apQ4Bz9uuoXALt"
    "JROsCu6gpd5YcjyfX8XCyPE0ST1+uB5PmLU76LNBiB59ik+uIkcdECpeXhqVapHfD/mVDcF+7FVcsi3nbgqdVYaz9HW33AkTKynR"
    "igqL5QwMCtiVENj6CIFmqaEsH5AywRgrwGbRmX24uiqiBaIFDbEXyBLPgSf85v0N1EGO/5r5xtqRbXV5yGfVfvwwTkF9pCwgVUky"
    "3TK43HmmeCa/66SIaiLuoJZtkvhQOSlgm6h5D7G6AWQjErHHpaRjng6f92/d6Hzo5XWj4aOF2NX20HpcUkKtH4mWS+X+2cmcVYOZ"
    "v30GAjJSneWYziKiM7l5tgn+hoSgbTb6eLPRDugZUYKvjPwQgS+ojQ8kfuKL4gOufNG0aVRGwtTpsMwRN8w/4YaZBxz/LVp/nZST"
    "LhA7HZTKUg8KstSDFNrQACgjZZoPcyAgoTGfKqUQVgoQVrIRFjXmmJB0lqz0SznG/QLHuJ/C2QKEPJjMMxDlb1KCElp2JaGIhoil"
    "g53wO0lJOQnxrqSiyLJN53UuC63o1haCPENUvjeUKnkZDBEVaAbKKnN5pqwoEGurigSqihhwJtYRzjDv5wAP5VrEBRD3KoNghokX"
    "87IxwfaNrCazsnQDxc7oQKBGVpbsCIVGPdzs4T8/oAO83nrJ+rIoR2XkO48PjzExt1jLqqkoOhlCoRqPBT+4OtpToU3S5lu5XEna"
    "VI6jLQVrS8HqBsnfNIK3/fZHquQrsw07OkuhFC1Q2x+gSC2cLKZUZbJwBG202nQz0oVez0lRwhCEYxqTMfxV0oXKaf+iPzwb9IMs"
    "YdBSlBx8PhGY++pTvquf/+KTDHxnJdQbf6gEEPaGS4huJWxy7ufy/rydz3I8+9zP5WloRTv/dXREjvFTLQXgcjBivnvqS27Jj7Yl"
    "nHJ+gXFWJVGdlS9P/wPzEyJu"
)
