-- name: templates
-- What a tenant says in its own words, of the kinds $2, languages $3 and channels $4 that are named (NULL: of all).
SELECT kind, language, channel, name, subject, body, version, updated_at, updated_by FROM message_template
WHERE tenant_id = $1 AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR language = $3)
  AND ($4::text IS NULL OR channel = $4)
ORDER BY kind, language, channel, name;

-- name: chosen_template
-- The first of the names $5 that there is.
SELECT subject, body FROM message_template
WHERE tenant_id = $1 AND kind = $2 AND language = $3 AND channel = $4 AND name = ANY ($5::text[])
ORDER BY array_position($5::text[], name) LIMIT 1;

-- name: template_is_known
SELECT true AS is_known FROM message_template WHERE tenant_id = $1 AND kind = $2 AND name = $3 LIMIT 1;

-- name: lock_template
SELECT version FROM message_template
WHERE tenant_id = $1 AND kind = $2 AND language = $3 AND channel = $4 AND name = $5 FOR UPDATE;

-- name: count_templates
SELECT count(*)::integer AS number FROM message_template WHERE tenant_id = $1;

-- name: put_template
-- While there is none nothing can be locked: who makes the first one finds out here that somebody else just did.
INSERT INTO message_template AS t (tenant_id, kind, language, channel, name, subject, body, updated_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (tenant_id, kind, language, channel, name) DO UPDATE SET
    subject = excluded.subject, body = excluded.body, version = t.version + 1, updated_at = clock_timestamp(),
    updated_by = excluded.updated_by
WHERE $9::integer IS NULL OR t.version = $9
RETURNING kind, language, channel, name, subject, body, version, updated_at, updated_by;

-- name: delete_template
DELETE FROM message_template
WHERE tenant_id = $1 AND kind = $2 AND language = $3 AND channel = $4 AND name = $5
RETURNING true AS is_gone;
