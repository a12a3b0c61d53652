"""Files."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "blobs" (
    "key" VARCHAR(64) NOT NULL PRIMARY KEY,
    "state" VARCHAR(8) NOT NULL,
    "made" VARCHAR(100) NOT NULL,
    "created_at" TIMESTAMP NOT NULL
) /* Some bytes in the storage, and what was made of them. */;
        CREATE TABLE IF NOT EXISTS "files" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "public_id" VARCHAR(22) NOT NULL UNIQUE,
    "room_id" BIGINT,
    "message_id" BIGINT,
    "blob_key" VARCHAR(64) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "media_type" VARCHAR(100) NOT NULL,
    "family" VARCHAR(10) NOT NULL,
    "size" BIGINT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* A file that somebody sent. Without a message it is on its way to one, or a person's picture. */;
CREATE INDEX IF NOT EXISTS "idx_files_room_id_f76f34" ON "files" ("room_id");
CREATE INDEX IF NOT EXISTS "idx_files_message_5209bf" ON "files" ("message_id");
CREATE INDEX IF NOT EXISTS "idx_files_blob_ke_2dad33" ON "files" ("blob_key");
CREATE INDEX IF NOT EXISTS "idx_files_user_id_2b6309" ON "files" ("user_id");
        ALTER TABLE "messages" ADD "attachments" TEXT;
""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "blobs" (
    "key" VARCHAR(64) NOT NULL PRIMARY KEY,
    "state" VARCHAR(8) NOT NULL,
    "made" VARCHAR(100) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "blobs" IS 'Some bytes in the storage, and what was made of them.';
        CREATE TABLE IF NOT EXISTS "files" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "public_id" VARCHAR(22) NOT NULL UNIQUE,
    "room_id" BIGINT,
    "message_id" BIGINT,
    "blob_key" VARCHAR(64) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "media_type" VARCHAR(100) NOT NULL,
    "family" VARCHAR(10) NOT NULL,
    "size" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_files_room_id_f76f34" ON "files" ("room_id");
CREATE INDEX IF NOT EXISTS "idx_files_message_5209bf" ON "files" ("message_id");
CREATE INDEX IF NOT EXISTS "idx_files_blob_ke_2dad33" ON "files" ("blob_key");
CREATE INDEX IF NOT EXISTS "idx_files_user_id_2b6309" ON "files" ("user_id");
COMMENT ON TABLE "files" IS 'A file that somebody sent. Without a message it is on its way to one, or a person''s picture.';
        ALTER TABLE "messages" ADD "attachments" TEXT;
""",
}

DOWN = {
    "sqlite": """
ALTER TABLE "messages" DROP COLUMN "attachments";
        DROP TABLE IF EXISTS "files";
        DROP TABLE IF EXISTS "blobs";
""",
    "postgres": """
ALTER TABLE "messages" DROP COLUMN "attachments";
        DROP TABLE IF EXISTS "files";
        DROP TABLE IF EXISTS "blobs";
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
    "eJztXVtT2zgU/iuevGw7k2XADZDdt4RCy5bLDqTbTjsdjxKLRIstuZaykO3y31fy/Y4VsElUPxGkc2T505GOzkXyj55NTGjRnbFF"
    "pr3ftR89DGzIf6TK+1oPOE5cKgoYmFoe4ZRTeCVgSpkLZowX3gCLQl5kQjpzkcMQwYL0mthQm64YpBrCGltAjTLigjknBdjU7haA"
    "aXeAajYwoUZuBIW9I5o2yYy3jfD8Sa0sMfq+hAYjc8jLXN7W12+8GGET3kMa/uvcGjcIWmYKjVu4Ei14FQZbOV7h0QK4Jx6p6OLU"
    "mBFraeMEubNiC4Ijev4KonQOMXQBg2YCKLy0rADQsMjvLS9g7hJG3TTjAhPegKUl4Bbcfhfisp5hXFxOjOvjiWH0ckMRciRwDYpm"
    "BIthRJhRDwEb3BsWxHO24P8eDB7858RA+FTigX+Nro7ej65eHQxeiwfyIZn5EnIR1Ohe1YPXBGDAb8TDPQaaMo6MDNQRw/OAHRbE"
    "aMeyHEF7Cx3WawXwYQ28h6VwD320E5OaTwkZcEP6FrFtB9e93d0ayHKqUmy9ujS6MxcKNAzA8hi/5TUM2bAY5zRnBm0zYN0JfzSF"
    "fZPLCH9B8xJbq2D5qgB/cnp+fD0Znf8pHmdT+t3y8BtNjkWN7pWuMqWvDjLjFDWifTqdvNfEv9qXy4tjD15C2dz1nhjTTb70RJ/A"
    "khEDkzsDmImVNiwNUXsQeuLmNrGAiYIpmN3eAdc0cjVEJ2W0+Spbt7MlAHPtZgbgim4GyvkEeW+bU9peeaXSvuEUNZX2SBPEXIty"
    "tUq56p0Sc6VRiNmO9glxQV0yDWg2pJT3UUNMQ1QjmP+gXAmvNEb4f7xV4nIqB7qU4F+o5qAZW7owr9ubftgTtgDIzM/qMZqfYlY8"
    "p336zFzm8yE7ewMZ29wdwFx04dffdP3Nm0N9983BcH9weLg/3B1yWq+/+arDivk9Pn13ejFJT1dRUL0vcJZTC82MokEoV18pJuU2"
    "Y7peQ4XpeqkGE1VpBeYSYhdCXCXnCabHhb0A4gDACk2lqrQn1m1/RZPGPs3Xwb8m/MKENSRNvCRPU9vj7Tf0Yoy9vxL4hvTtmR7t"
    "Ldz7+3VW7v398qVb1GWXEBMBHyYJlNNcCmLdiKF3A2xkSa0WMYeSGNeCuALhLMAU/VsgxlWaMORYSwduHLwvogU790X5gKjlvkiO"
    "+pJCV3rfmWBqasKpuevMOY7SA5EfhRPiQjTHH+DKG4lT3m+AZ0VLXeD7+Rg0s10j8BBKWFgaP98Fd5E3Jil4/NX5C0Pma97R9dHo"
    "7XHv4WUccefQnkKXLpDTK3DHJWr7VU45O6Kr55orR7fAzfXVM9Q9H5iQkG+d22tT1oR+hdvLJZbUfj6kbzFg40ttW2Gb595p/k0Q"
    "XmvPk2LstjzbtOURb2ZQ+F3Sz5ngas/K2FVgeUvscbCH4o3rayKJDWeasSFP509g5L2Ii3/j1raXEf7O0toMSyvcCD/R0roKmtky"
    "4a9raiUmfbGplZXtznjdVuPVCyL2Ci1Xv6pfbbZ6RI3arGLfxV8iY8SKobAQxMwLxGVN2pj4H25Vi8d/66zcjbRypffirW/DFRmC"
    "GPJwSkjBnmDqoF8bemHNQtNYawTyvN1APDnrRj5onuZr0dnG4H1LmefP72rjj2MQFzjaJvylSgKLMYsScfMqJ9rx50nKfxZC+ep8"
    "9Pl1yod2dnnxLiRPQH90djnOQL5gtiWDd0jfgb0G2CJz2ZBNc0oxrQX7prm1mk91AoyB2cKG4okSwp1hUwHstkU8YW1JyHiaSwXc"
    "m06WFDEjyoDtyEalUoztRKVaNVfVDUr57qB1IpFpzmcY9A2bbFsyyCEm1aHHLvzShV9+BndfF37pwi8bhuiGhl88OS6IvYTyXR54"
    "ESLSQNSlywzclEW0XxEzmRG5qxxCeuWOwe7VOQa7V34Mdi93DLY7qtbs8alkzyRgzrApdyeJvlsLbEFW7i3bzcONqDG3yBQUeILH"
    "hFgQ4JL1OsmXQXvKGZuCOypp15YcX16epczI8WnWI/bxfHzMpd1DnxMhtvXBVbXSSy1AmXxib5KrQ747O9j5LOv6LMOxm66kHSs5"
    "1u7yiufxrsTAtucQ2KxhqOsPyIlgyivAe6FdfDw7q3ILJFNJUkf3MvMgYD75cAUtULJ/LTwruGVLXRnyRVk3T8YpykxVBaQmnUzX"
    "HC6/nzk/U1jVr3I1UZ+o8zYprFT6Fd4mRm4hNhaALmQs9jSXcp6n54/7d9vocujV3UbDewfx1tYY9TSngqO+JaNcK/bPNXNR9mv5"
    "8hkxqOjqrOfprHJ0ZhfPLsC/ISZoF43e3mi0B3qBlRAORrmJIF6osw8UnvFV9oEYfNmwaZJHwdDpsI6KG5ZruGGhghO/ZfOvs3zK"
    "GWJ7B7Wi1AcVUeqDHNrQBqggZFoOc8SgoDDv6bUQ1isQ1osRlhXmFJNykqwPam2MBxUb40EOZwdQekf4zkDWf5NjVFCyGzFFTEQd"
    "C6ykT4Nl+RTEu5GMIscl3kG64FMfUjKeZ1XvhFIjx/AQNYBpo6I0l0fSiiK2LqtIIquIA0ewhXDRzdiPAB7zdYhLIB5kBsECEa/2"
    "y6YYuxNZm+yVFV+HlFIYEUOLXlm6ogza7fhmn//iBwvg+TII1tdFOcmjnj5u4IsJZInNopyKKs0QM7WoFkLjamu1QhekLZdytYK0"
    "uRhHnVSw6NOK6yc3hd9v3LLRr5n+1WXKdZlyzwdSuKZGhyHXR6rmieIN21nUQimZv7c+QIlUQVVEqclY6gi6aLboFURTg5p+VTwV"
    "xDQbE1D9WaKp+t7gcDB8czCIgqhRSVXs9PE4aenJsHJLqPxcmAru4GYuCHMKLk6qyLNyiq5LUgHdZj5zX3aP4x/Xlxclhk/pPY4m"
    "mjHtP81CdBtvsqkAV4CRMm1y969lr1rrp20W0cC4KNGqzcSgh/8BlFaavw=="
)
