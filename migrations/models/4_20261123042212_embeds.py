"""Rooms in other sites' pages. The foreign keys by hand: SQLite takes one only with its column."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {
    "sqlite": """
CREATE TABLE IF NOT EXISTS "embeds" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "is_on" INT NOT NULL,
    "level" VARCHAR(8) NOT NULL,
    "needs_approval" INT NOT NULL,
    "theme" VARCHAR(8) NOT NULL,
    "accent" VARCHAR(7) NOT NULL,
    "epoch" BIGINT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "room_id" BIGINT NOT NULL UNIQUE REFERENCES "rooms" ("id") ON DELETE CASCADE
) /* One a room; what holds for all its frames. */;
        CREATE TABLE IF NOT EXISTS "embed_guests" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "subject" VARCHAR(64),
    "state" VARCHAR(8) NOT NULL,
    "address_hash" VARCHAR(32),
    "seen_at" TIMESTAMP NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL UNIQUE REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_embed_guest_embed_i_503d10" UNIQUE ("embed_id", "subject")
) /* Somebody without an account in one embedded room. Outlives their membership, so that who was banned stays so. */;
CREATE INDEX IF NOT EXISTS "idx_embed_guest_address_c810d2" ON "embed_guests" ("address_hash");
        CREATE TABLE IF NOT EXISTS "embed_keys" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kid" VARCHAR(32) NOT NULL UNIQUE,
    "algorithm" VARCHAR(8) NOT NULL,
    "material" TEXT NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE
) /* What a site signs with. Two at most, so that one can take the other's place without a gap. */;
CREATE INDEX IF NOT EXISTS "idx_embed_keys_embed_i_8f7a19" ON "embed_keys" ("embed_id");
        CREATE TABLE IF NOT EXISTS "embed_origins" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "origin" VARCHAR(300) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_embed_origi_embed_i_b99f45" UNIQUE ("embed_id", "origin")
);
        CREATE TABLE IF NOT EXISTS "used_tokens" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "jti_hash" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_used_tokens_embed_i_4f292b" UNIQUE ("embed_id", "jti_hash")
) /* A signed token that was used: inserting it is the check. */;
CREATE INDEX IF NOT EXISTS "idx_used_tokens_expires_42fb1b" ON "used_tokens" ("expires_at");
        ALTER TABLE "sessions" ADD "embed_origin_id" BIGINT REFERENCES "embed_origins" ("id") ON DELETE CASCADE;
        ALTER TABLE "sessions" ADD "embed_key_id" BIGINT REFERENCES "embed_keys" ("id") ON DELETE CASCADE;
        ALTER TABLE "sessions" ADD "embed_id" BIGINT REFERENCES "embeds" ("id") ON DELETE CASCADE;
        ALTER TABLE "users" ADD "kind" VARCHAR(8) NOT NULL DEFAULT 'person';
        ALTER TABLE "users" ADD "site" VARCHAR(300) NOT NULL DEFAULT '';
        CREATE INDEX "idx_sessions_embed_o_3236b7" ON "sessions" ("embed_origin_id");
        CREATE INDEX "idx_sessions_embed_k_c2bff6" ON "sessions" ("embed_key_id");
        CREATE INDEX "idx_sessions_embed_i_175bcc" ON "sessions" ("embed_id");
""",
    "postgres": """
CREATE TABLE IF NOT EXISTS "embeds" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "is_on" BOOL NOT NULL,
    "level" VARCHAR(8) NOT NULL,
    "needs_approval" BOOL NOT NULL,
    "theme" VARCHAR(8) NOT NULL,
    "accent" VARCHAR(7) NOT NULL,
    "epoch" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "room_id" BIGINT NOT NULL UNIQUE REFERENCES "rooms" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "embeds" IS 'One a room; what holds for all its frames.';
        CREATE TABLE IF NOT EXISTS "embed_guests" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "subject" VARCHAR(64),
    "state" VARCHAR(8) NOT NULL,
    "address_hash" VARCHAR(32),
    "seen_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    "user_id" BIGINT NOT NULL UNIQUE REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_embed_guest_embed_i_503d10" UNIQUE ("embed_id", "subject")
);
CREATE INDEX IF NOT EXISTS "idx_embed_guest_address_c810d2" ON "embed_guests" ("address_hash");
COMMENT ON TABLE "embed_guests" IS 'Somebody without an account in one embedded room. Outlives their membership, so that who was banned stays so.';
        CREATE TABLE IF NOT EXISTS "embed_keys" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kid" VARCHAR(32) NOT NULL UNIQUE,
    "algorithm" VARCHAR(8) NOT NULL,
    "material" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_embed_keys_embed_i_8f7a19" ON "embed_keys" ("embed_id");
COMMENT ON TABLE "embed_keys" IS 'What a site signs with. Two at most, so that one can take the other''s place without a gap.';
        CREATE TABLE IF NOT EXISTS "embed_origins" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "origin" VARCHAR(300) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_embed_origi_embed_i_b99f45" UNIQUE ("embed_id", "origin")
);
        CREATE TABLE IF NOT EXISTS "used_tokens" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "jti_hash" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "embed_id" BIGINT NOT NULL REFERENCES "embeds" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_used_tokens_embed_i_4f292b" UNIQUE ("embed_id", "jti_hash")
);
CREATE INDEX IF NOT EXISTS "idx_used_tokens_expires_42fb1b" ON "used_tokens" ("expires_at");
COMMENT ON TABLE "used_tokens" IS 'A signed token that was used: inserting it is the check.';
        ALTER TABLE "sessions" ADD "embed_origin_id" BIGINT;
        ALTER TABLE "sessions" ADD "embed_key_id" BIGINT;
        ALTER TABLE "sessions" ADD "embed_id" BIGINT;
        ALTER TABLE "users" ADD "kind" VARCHAR(8) NOT NULL DEFAULT 'person';
        ALTER TABLE "users" ADD "site" VARCHAR(300) NOT NULL DEFAULT '';
        ALTER TABLE "sessions" ADD CONSTRAINT "fk_sessions_embed_or_57b08d1e" FOREIGN KEY ("embed_origin_id") REFERENCES "embed_origins" ("id") ON DELETE CASCADE;
        ALTER TABLE "sessions" ADD CONSTRAINT "fk_sessions_embeds_8e46e0c7" FOREIGN KEY ("embed_id") REFERENCES "embeds" ("id") ON DELETE CASCADE;
        ALTER TABLE "sessions" ADD CONSTRAINT "fk_sessions_embed_ke_740c7f55" FOREIGN KEY ("embed_key_id") REFERENCES "embed_keys" ("id") ON DELETE CASCADE;
        CREATE INDEX IF NOT EXISTS "idx_sessions_embed_o_3236b7" ON "sessions" ("embed_origin_id");
        CREATE INDEX IF NOT EXISTS "idx_sessions_embed_k_c2bff6" ON "sessions" ("embed_key_id");
        CREATE INDEX IF NOT EXISTS "idx_sessions_embed_i_175bcc" ON "sessions" ("embed_id");
""",
}

DOWN = {
    "sqlite": """
DROP INDEX IF EXISTS "idx_sessions_embed_i_175bcc";
        DROP INDEX IF EXISTS "idx_sessions_embed_k_c2bff6";
        DROP INDEX IF EXISTS "idx_sessions_embed_o_3236b7";
        ALTER TABLE "sessions" DROP COLUMN "embed_origin_id";
        ALTER TABLE "sessions" DROP COLUMN "embed_key_id";
        ALTER TABLE "sessions" DROP COLUMN "embed_id";
        ALTER TABLE "users" DROP COLUMN "kind";
        ALTER TABLE "users" DROP COLUMN "site";
        DROP TABLE IF EXISTS "used_tokens";
        DROP TABLE IF EXISTS "embed_guests";
        DROP TABLE IF EXISTS "embed_keys";
        DROP TABLE IF EXISTS "embed_origins";
        DROP TABLE IF EXISTS "embeds";
""",
    "postgres": """
DROP INDEX IF EXISTS "idx_sessions_embed_i_175bcc";
        DROP INDEX IF EXISTS "idx_sessions_embed_k_c2bff6";
        DROP INDEX IF EXISTS "idx_sessions_embed_o_3236b7";
        ALTER TABLE "sessions" DROP CONSTRAINT IF EXISTS "fk_sessions_embed_ke_740c7f55";
        ALTER TABLE "sessions" DROP CONSTRAINT IF EXISTS "fk_sessions_embeds_8e46e0c7";
        ALTER TABLE "sessions" DROP CONSTRAINT IF EXISTS "fk_sessions_embed_or_57b08d1e";
        ALTER TABLE "sessions" DROP COLUMN "embed_origin_id";
        ALTER TABLE "sessions" DROP COLUMN "embed_key_id";
        ALTER TABLE "sessions" DROP COLUMN "embed_id";
        ALTER TABLE "users" DROP COLUMN "kind";
        ALTER TABLE "users" DROP COLUMN "site";
        DROP TABLE IF EXISTS "used_tokens";
        DROP TABLE IF EXISTS "embed_guests";
        DROP TABLE IF EXISTS "embed_keys";
        DROP TABLE IF EXISTS "embed_origins";
        DROP TABLE IF EXISTS "embeds";
""",
}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
    "eJztXdty2zgS/RWWXjZTpXXZ8nVnnuyMk/EksbZiZTM1UykWRMISYxJQCCiOdtb/vgDvdxEySZEwXlIOiAapg1v36W7g75GDTWiT"
    "gysbz0c/a3+PEHAg+yNVPtZGYLWKS3kBBXPbqzhnNbwSMCfUBQZlhffAJpAVmZAYrrWiFka86h12oDbfUEg0C2l0CTVCsQsWrCpA"
    "pva4BFR7BERzgAk1fM9rOAe8aRMbrG0LLZ7VyhpZ39ZQp3gBWZnL2vrrCyu2kAl/QBL+d/Wg31vQNlNoPMANb8F7oNPNyit8vQTu"
    "G68q/8S5bmB77aBE9dWGLjGK6rOfwEsXEEEXUGgmgEJr2w4ADYv8r2UF1F3D6DPNuMCE92Btc7i5tP8JcdlI12+nM/3ueqbro1xX"
    "hBIJXIMiAyPejRaixEPAAT90G6IFXbL/np08+e+JgfBr8Rf+5/Lj698uP746O/mJv5B1ieGPkNvgycR79OQ1ASjwG/Fwj4EmlCEj"
    "AnUk0AzYYUGMdjyWI2gf4IqOOgH8ogbeF6VwX/hoJyY1mxIi4Ib1O8S2G1yPDg9rIMtqlWLrPUuja7iQo6EDmsf4V/aEWg4sxjkt"
    "mUHbDEQPwj/awr7NZYT9QHOK7E2wfFWAP7v5cH03u/zwb/46h5Bvtoff5eyaP5l4pZtM6auzTD9FjWifb2a/afy/2p/T22sPXkzo"
    "wvXeGNeb/Tni3wTWFOsIP+rATKy0YWmI2hPfJ+4fEgsYL5gD4+ERuKaee4InuKxu/pEzcbIlALHdzQzA5Z8ZbM7Xzhym96nUg8pt"
    "G/IqNfftKYIa0FyMnV/87XWJ2edp99jVgG1rFmV/u+wLSH6zFhN9xg5tmflJd2UtbhAtnnJ+/cxUY8M1O7mCIdDfDXrBP+Gf/5pM"
    "jo/PJ4fHZxenJ+fnpxeHF6yu9735R+cV0+/q5u3N7Sw9m3hB9bZtEZ19dr4DMLYhQCU9EMpkOmHOhNpa4qKSFnqiCtTp9H1qObu6"
    "yUB8++nD1TXbcbx1jFWyaAr5GGkbfoe2yB4eCXS4ifPVfpAKEoJsUdTZquni76AA5soBnRdWI1tgZHM7TUg7jQQ6HNlkQyh0Bjm2"
    "gWFAVKCalgMcS0hnAFRtgSG256XYnmexhStsLMUUkEhkuw7SFLaHEuggytx6eeZWste5KaGLKvsJoWZm2wtR+QXs3LiHFmtIKCno"
    "oEDuzbuP0Abej873R9KAfcsbGuDsewqHX1gaz8IUo9wERu98pllGhLBrLSzUBEhTryVZcSKQENbuM4G681upAVKw1A0KozVh2z3F"
    "D/C5MH1iDc14OzKNpjxHmd5v85BNEZxh9o+33d6w9gAyikyxALWPQSOD2mbL4GLFLniMKMikcsF+Ofu90LdwX1/evb789Xr01DDh"
    "62+LZaxvtGluoX71eJuu57idY3OjPVqse9dUA0hjxiFeI8p9sBhBzWvUhKbH9R5o0zW1re+QcO+r5WoOf+ySpbUaawSzQu6jXWLP"
    "TzsHCDE5NoY2hD0sdvh2+vYCGvovHzWPw1jPv0KG1hdFTfdFTx1XeZSD7sp1QYVPORbZifjo2Q7Zjg9/YD57X/8bHmlnmsx2JvoS"
    "kAJ+qYK6y8i1NI73F4pyPKkB9PGkFGn+KDOMIUQ7kEkJMQmZpIEwRyEmldSRIgzL55a8hKGv7YrqYEmp7gh6SZSxlN3tCmOfEFJs"
    "7XPY2swkyPfCG+xCa4HewU1NQz4KLBrY6K9ryyenfQ1jfkukV3oePJtF+RQ0MqjhXxf5xKTvhEXhxHkZhxKQ6tsYlJDC386ffOaM"
    "A9CIRSH7Z4GIR2UcaLNHrLEnDtvxYmaC8xkGQBoFD9ALb8echPgH0VY2MGBMgmgLsMqTJe2+SgXo9Xj9H1ewIA9F8FckMBSiP/wE"
    "huatRmAvsMvmSQFJXmGdJ4W6I0E6g7nxtAUKXasoHm8Gf5QsH0kZKRCuMsmu/5ilrLEQy1cfLv/4KWWRvZ/evg2rJ7B//X56pcJr"
    "lLXcY2tZzj17WDZbHw2H55hsKohCPDSgYTssiM0pM8Xi0J1t1lgiXGirQVaOS7Xr13+H8vz2Z/0cV9g8OBo7dfXyWEIKlTFj+9TK"
    "eT2uyHk9VjmvSkvst5YoqU9lWGpiL1QXpSfKoie+sTwocgqiV16pGd6zGjUp+kuNV/ZpcRIGHBKI6IH2OaLBHdZv7Bs1i2oW0TDy"
    "8tcfwUajmHPpY42ntWsr6BKMOItuGXTtwjxJ3/bLFE3f47W8SmVdree2ZRTurOVaa0pIOsp+Uoeyn5RT9pMcZb+XFLKexdLtJRok"
    "WNGEsU/LKfh3hJ+f1KYLnmSWlGnLJh7+eWaJAySA2BkGYX0J+YbJ6Wmdlfv0tHzp5s+yS4hpAR8mAZTTUhJi3cp5ZvfAsWyh1SKW"
    "kBLjWhBXIJyLOLf+WzCMq3bCUELRJzvvgoqxLO8QeRnLfgQivxSts4KuLI6EFWYrd42FHYZPWywYtrPzJj9EebSjAjou8XRcRcrF"
    "2bitOGvDhHVvoClPbW/WhHEF7eViW0ifD+t3mD/qj9rRQDXNr9hCO+k8KUGl8gxJ5eG/TCfwmyDPmZBSJ9PtmPWGPBTv3aKjUyoV"
    "zrRgS0znCzDyLKI7a1rkF992JHEktu+zW0WVob2c2dqP0/he5BBXFm1PLNriE7KELdpdz8jqaUTIWPSUrOzYViTBUEkCz1k7KmQI"
    "/EfjanrAq9QqN8D1W/YjMmQB7wrbgoh6Ds8sdRBX/g5dL3rri2ITeskmCNs8nZs7knRBDHk4JYRgTwgp6HeGnrMG0NR36oG8rOqI"
    "Z0c3iQcnpOU6JDUp/NHRRXbNU5rsdbTwPovynPCEiBTxCV2nhC+pI5SDH9ZXYO8ANo8Q10XDyVJC8p1d2kpIGaAUGEsHoqJLC8oH"
    "d0ZMBrA7P2IitrYExnhaSgbc2w5K5b45QoGzEvX+pQS78f51aq7K6/zz6aBdPL5pyQY6vWeTbSCdHGIygMuQ9r16KveL9HSfcr8o"
    "90vPEO2p+8UbxwW+l3B8lzte+BBpweuiIjD7soiOK3wmBhsPQkZYUF+6dOOjOunGR+Xpxke5dGOVEthumlryywRgzohJd8Px5LAW"
    "2LxaOVt2mIfbIvrCxnPh29FTcvsOrhvUxejDca7KFcZrA0LFA6iTUgp5laOpOMu6nGXYd/ONMLGSE1WHhDTDrsTAdkcI9Ksb6vIB"
    "uSGYYgXYV2i3n96/r3fKXCZFMjMPBA6aS+dkDmypK0O+KOrm2ThFkamygCREMm09TjIEM7yyqObN64N1DxXjKcDDhUc8FlBxidMf"
    "y9m45EGTipCTc98dVxBy3mX1wte+pqWkI+eaD41QlkY59PJaGvDHymKt7dDraUkJe30gvVwrPILtzEUBwhX3ci06Dw/ujg2uRwZX"
    "ccHZxXNPx8D3yz7cD0MW3UC5I/yxpOqCZ3WBf2XIjr2QElYdoUKxBoB8BVmo4oaaiBvKrTENQNocGdNHSLdf7VG2bjcFbXxNmcQA"
    "p3arujgXJnfsBnJwLbfECMdaWZ9CCtl6bM44sTQqIDPjh+MqOpOteqz7eb3a97Hw28uhqXlC/lUpj4BovKGfNQuxVZQy4IPbUfjd"
    "5cYSGg9Fd63s3lD1bYBfqeVTbeqUyd5oJ+MKSjXqr1wflDMCSRkJA/KaJ1SHRa3tYSuQgllTFwD2x+pSFwA2ZSXsTb1ySzQrd6tS"
    "5SoH8QvVZnjni6YWJGUk1GYu6vg4LspdHBc5D8cD+10iAIf1O/Qf+RdA5r1IifJGsK0DbTmy+atvqNDIDevv1THXGJitXMUdTm7R"
    "8zSyctJFjRyd1co6OqvIOjor8H0CqyAFphzmSEDChfdoUgvhSQXCk2KERQdzSki6kTw5qeXFP6nw4p/kcF4BQh4x02JFuZGcoIQj"
    "u5W4CdMiKxtshE/3yspJiHcrGaIrF3sHowVXZAuN8byofCdOtXKsmkV0YDpFLrZtaaKRmMoSFcgSZcBhZFuo6EbJLYDHcgpxAcSD"
    "TE9YMMSrme6UoDphq89EN11CsT06EujQUiUbQqGTt1eHcZCvDdBiHSRf1UU5KSPfftzCTcN4jcyiHLmqnSEW6nBbCI2rwe4KKqOk"
    "fJTLlVGS88nVSe3l1sQzk1XfsCYG2Ps103lV5rPKfG4OpHBNjQ632x2pmidE9kyzqIVSMtl4d4ASec2yDKUdk+gXa0gYQri5RPq3"
    "vEWJRp9gjMQldC1jOSqIkgiejKviJEBcpzeBEi8lSmJydHJ+cnF8dhIFR0QlVTER2+MfSk9FK7cay89Ek4E6b+dyjFXBpQEVCbSr"
    "oqsCZEC3FcdE6R1Gv99Nb0uMxNI7jEzLoNr/NNuqtVH0De0KcDkYKTMwd/dI9pqRcdq+4w1cFQVRdhnw9/R/ehOQmw=="
)
