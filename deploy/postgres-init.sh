#!/bin/sh
# Runs once, when the database volume is empty: the roles of sql/roles.sql, their passwords and the database.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --file /roles.sql
# Passwords reach psql as variables it quotes itself, so any character may be in them.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$QUEUE_OWNER_PASSWORD" --set app="$QUEUE_APP_PASSWORD" --set jobs="$QUEUE_JOBS_PASSWORD" <<'SQL'
ALTER ROLE queue_owner PASSWORD :'owner';
ALTER ROLE queue_app PASSWORD :'app';
ALTER ROLE queue_jobs PASSWORD :'jobs';
CREATE DATABASE clinic_queue OWNER queue_owner;
REVOKE ALL ON DATABASE clinic_queue FROM PUBLIC;
GRANT CONNECT ON DATABASE clinic_queue TO queue_app, queue_jobs;
SQL
