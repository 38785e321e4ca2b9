#!/bin/sh
# Runs once, when the database container makes its cluster: roles, passwords from secrets, the database.
set -eu
secret() { cat "/run/secrets/$1"; }
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v owner="$(secret owner_password)" -v app="$(secret app_password)" -v engine="$(secret engine_password)" \
    -f /roles/docker/roles.sql
