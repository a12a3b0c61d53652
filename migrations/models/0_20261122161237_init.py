"""First version."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "users" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "username" VARCHAR(80) NOT NULL,
    "username_key" VARCHAR(160) NOT NULL UNIQUE,
    "email" VARCHAR(120) NOT NULL,
    "email_key" VARCHAR(240) NOT NULL UNIQUE,
    "password_hash" VARCHAR(200) NOT NULL,
    "display_name" VARCHAR(100) NOT NULL,
    "profile_picture" VARCHAR(255),
    "is_admin" INT NOT NULL,
    "is_online" INT NOT NULL,
    "last_seen" TIMESTAMP,
    "theme" VARCHAR(10) NOT NULL,
    "language" VARCHAR(10),
    "sounds" INT NOT NULL,
    "created_at" TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS "rooms" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "code" VARCHAR(12) NOT NULL UNIQUE,
    "name" VARCHAR(100) NOT NULL,
    "description" VARCHAR(2000) NOT NULL,
    "is_global" INT NOT NULL,
    "version" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "created_by_id" BIGINT REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS "idx_rooms_created_37523d" ON "rooms" ("created_by_id");
CREATE TABLE IF NOT EXISTS "memberships" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "role" VARCHAR(10) NOT NULL,
    "joined_at" TIMESTAMP NOT NULL,
    "read_seq" BIGINT NOT NULL,
    "room_id" BIGINT NOT NULL REFERENCES "rooms" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_memberships_room_id_a563e5" UNIQUE ("room_id", "user_id")
);
CREATE INDEX IF NOT EXISTS "idx_memberships_user_id_6b1e99" ON "memberships" ("user_id");
CREATE TABLE IF NOT EXISTS "messages" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "seq" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "posted_version" BIGINT NOT NULL,
    "message_type" VARCHAR(10) NOT NULL,
    "content" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "file_name" VARCHAR(255),
    "client_key" VARCHAR(64),
    "timestamp" TIMESTAMP NOT NULL,
    "deleted_at" TIMESTAMP,
    "room_id" BIGINT NOT NULL REFERENCES "rooms" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_messages_room_id_8df77b" UNIQUE ("room_id", "seq"),
    CONSTRAINT "uid_messages_room_id_c23595" UNIQUE ("room_id", "user_id", "client_key")
);
CREATE INDEX IF NOT EXISTS "idx_messages_timesta_33de65" ON "messages" ("timestamp");
CREATE INDEX IF NOT EXISTS "idx_messages_user_id_e06570" ON "messages" ("user_id");
CREATE INDEX IF NOT EXISTS "idx_messages_room_id_30618e" ON "messages" ("room_id", "version");
CREATE TABLE IF NOT EXISTS "sessions" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "agent" VARCHAR(200) NOT NULL,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_sessions_user_id_80072d" ON "sessions" ("user_id");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSON NOT NULL
);
""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "users" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "username" VARCHAR(80) NOT NULL,
    "username_key" VARCHAR(160) NOT NULL UNIQUE,
    "email" VARCHAR(120) NOT NULL,
    "email_key" VARCHAR(240) NOT NULL UNIQUE,
    "password_hash" VARCHAR(200) NOT NULL,
    "display_name" VARCHAR(100) NOT NULL,
    "profile_picture" VARCHAR(255),
    "is_admin" BOOL NOT NULL,
    "is_online" BOOL NOT NULL,
    "last_seen" TIMESTAMPTZ,
    "theme" VARCHAR(10) NOT NULL,
    "language" VARCHAR(10),
    "sounds" BOOL NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
CREATE TABLE IF NOT EXISTS "rooms" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "code" VARCHAR(12) NOT NULL UNIQUE,
    "name" VARCHAR(100) NOT NULL,
    "description" VARCHAR(2000) NOT NULL,
    "is_global" BOOL NOT NULL,
    "version" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "created_by_id" BIGINT REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS "idx_rooms_created_37523d" ON "rooms" ("created_by_id");
CREATE TABLE IF NOT EXISTS "memberships" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "role" VARCHAR(10) NOT NULL,
    "joined_at" TIMESTAMPTZ NOT NULL,
    "read_seq" BIGINT NOT NULL,
    "room_id" BIGINT NOT NULL REFERENCES "rooms" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_memberships_room_id_a563e5" UNIQUE ("room_id", "user_id")
);
CREATE INDEX IF NOT EXISTS "idx_memberships_user_id_6b1e99" ON "memberships" ("user_id");
CREATE TABLE IF NOT EXISTS "messages" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "posted_version" BIGINT NOT NULL,
    "message_type" VARCHAR(10) NOT NULL,
    "content" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "file_name" VARCHAR(255),
    "client_key" VARCHAR(64),
    "timestamp" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "room_id" BIGINT NOT NULL REFERENCES "rooms" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_messages_room_id_8df77b" UNIQUE ("room_id", "seq"),
    CONSTRAINT "uid_messages_room_id_c23595" UNIQUE ("room_id", "user_id", "client_key")
);
CREATE INDEX IF NOT EXISTS "idx_messages_timesta_33de65" ON "messages" ("timestamp");
CREATE INDEX IF NOT EXISTS "idx_messages_user_id_e06570" ON "messages" ("user_id");
CREATE INDEX IF NOT EXISTS "idx_messages_room_id_30618e" ON "messages" ("room_id", "version");
CREATE TABLE IF NOT EXISTS "sessions" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "agent" VARCHAR(200) NOT NULL,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_sessions_user_id_80072d" ON "sessions" ("user_id");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
""",
}

DOWN = {
    "sqlite": """

""",
    "postgres": """

""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
    "eJztnF1z2jgUhv8Kw1U7k+0QhxB27yClLdsEdhKy22mn4xFYAW1sybXEJkw3/30lf3/HpthrVN+BpGPk58iSzntkvncNokGdvrmG"
    "xhJadIPM7m+d710MDMg/pNSedLrANIM6UcDAUnea++3scrCkzAIrxqvugU4hL9IgXVnIZIhgXoq3ui4KyYo3RHgdFG0x+raFKiNr"
    "yDbQ4hVfvnQtQgxx3S3lJV+/8k8Ia/AJUlEtvpoP6j2Cuha5B6QJG7tcZTvTLhuj9RSzd3Zb0YGluiL61sBBe3PHNgT7BggzUbqG"
    "GFqAQfELzNqKOxIddu/fu0mn80ETp5chGw3eg63OQgSWalDWVdXZfKHeThaq2i3BbEWw4M27Sm0Aa9GFX35VlLOzC6V3Nhie9y8u"
    "zoe9IW9r9zdZdfHsdCag5VzKZjZ9P50tRIcId6rjcFHwbNsABhwr2xkBfYvwlgn+lxtgpdP32sf48xuL8/do5znAKwg8EAxEH7cz"
    "artVucEAT6oO8Zpt+NfTXg7hP0c3lx9GN69Oe6+jmGdujWJXCeAB4L8JwlBTAUtSfstJMWTAdNIRwxhuzbV8432oCn6V49+CQJtj"
    "fec+dzngF9Prye1idP2H+DmD0m+6jW+0mIgaxS7dxUpfDWJO8i/S+Wu6+NARXzuf57OJjZdQtrbsXwzaLT53RZ/AlhEVk0cVaKEp"
    "wiv1qEV8Lu5MpfBbuYktbPXy9HYoD/ckmN7C0xkx1LIrSsioPu6SrCwBerHql0YfMqoKvZxruthO3T9kLOnONizqhXfEgmiNP8Kd"
    "7Ykp7zfAq7S13N1U3riXObLB/+wNMa80GAIWePT3n+GHnt87v2PInK3P6PZy9HbSTYztAyC9cy9zXIO6KNHQs5xOVIzZJVg9PAJL"
    "UyODV9QQhcRK/LbJKkMx4iUAg7XNRtyF6LMfHFEK7OcyJW5yqk7ygya7UaURk1j1+U3EQijhCh1BzNQHuEsEVEHjf3hMJ37+axtj"
    "NTLGKr0TrH0TKIkLAuTeI1EKe8ioRb83ehFL8bh1Lw8kbVtH7O0Id+Fy2CXckC3xxO1qlHoYfGLHKvTwn2MQp8g8C35T6aRDJvVB"
    "rn6nmCrhTD4tIuqNh/LV9ejT64iCczWfvfeah9BfXs3HMeQbZuhleHvtW9h7wL5HOlTtLyXmkojRXtjd7WJTqEdnEeX8vMA0wltl"
    "ziN2XWwiCfb8JUhHreRDPegXID3oZ4IWVVHOQjfnEbthllXmI4b1KPO1Bk3yCvOOKLFPNiZqeQCnN+xhOxIne0zy0y9tEqBNAvwM"
    "olObBGiTAA0j2tAkgD2OUzIA3vjOlv/FEKlA+29PRzVlEj3JUe5XfDyUCsLc9ocRGP5fB0TlMqWIXKZky2VKPPoqqyT8kIjQtPUp"
    "rkUWEyPz1MiEHBnuWQnMMbMatd96dF+lVwi2aJat2fSSuBFV1zpZghQ9ckyIDgHOmK/DdjHaS25YFW6/pN5YcjyfX0XCyPE0Lj3e"
    "XY8nfLTb9HkjxI4+xSfXETsdUFb+cGPYqiW/H/mVBcF+6lXUsj1M3BQ5q4hm6fluuSstrCRM93ryXlYq5QwMctSVAGx9gkCz3FBU"
    "D0gMwYgqwHvRmd1dXeXJAuEDDZHXl2LPgWv87uMN1EHG/jX1fakjm+qyyKed/fhhTv75SFkgVSky3XJcTj8TOpNXdZInNVGnUas2"
    "SbyonOSoTYw8QKxuAN2UidijVtIpT4fP+7fb6Gz08m6j4ZOJ+NX28HrUUkKvH4mXC+X++cqcdgYze/r0DWSUOospnXlCZ3zybBP8"
    "DQlB22z08WajbegpUYLnjOwQQdxQGx9I/MTnxQfC+WXTpmEbCVOnwyJL3DB7hRumLnDic9nz13E76QKx00GhLPUgJ0s9SNCGBkAp"
    "KdNszL6BhIP5VClEWMkhrKQTLjuYI0bSjWSlX2hj3M/ZGPcTnE1A6SPhO4Oy+k3CUMKRXUkooiFq6mBX+p2kuJ2EvCs5UWRaxH6d"
    "y0QrtrVKIU8xle8NpUpeBkNUBZqB0o65vHCsyDdrTxWVOFXEwRGsI5wyvF8CHti1xEsQd08GwZQhnq/LRgzbN7KarMqyDSy3RvsG"
    "NaqydEcZNOrRZg//9wM6wOutm6wvSjlsI996fHjGlGyxlnamIm9lCIxqXBa84OpoV4U2SZs9yuVK0iZyHO1RsPYoWN2QvEnDf9tv"
    "f1IFX5lt2NJZiFL4gNr+gEJn4WQZSlUmC0fQQqtNNyVd6Nac5CUMQdCmMRnDnyVdqJz2L/rDs0HfzxL6JXnJwZcTgZmvPmVv9bNf"
    "fJJB76xEehMPVQnCbnMJ6VaiJmf+Xd7vt/NZxs4+8+/yNLRinX87OqLH+FctOXAFjMjePfFPbvE/bYttysUFxmknieo8+fL8H4OY"
    "qyU="
)
