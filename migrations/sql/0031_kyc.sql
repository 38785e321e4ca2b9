-- How well each customer is known. Whoever has no row here may do nothing: not knowing somebody is no permission.
CREATE TABLE identity.standings (
    tenant_id uuid NOT NULL,
    customer_id uuid PRIMARY KEY,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
    country text CHECK (country ~ '^[A-Z]{2}$'),
    screening text NOT NULL CHECK (screening IN ('vouched', 'clear', 'review', 'confirmed')),
    changed_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES identity.principals (tenant_id, id)
);
COMMENT ON COLUMN identity.standings.screening IS 'vouched: the house itself opened the account, and no list has met the name yet.';
-- Until today every customer was registered by the house, which knew them: they keep what they could do.
ALTER TABLE identity.principals NO FORCE ROW LEVEL SECURITY;
INSERT INTO identity.standings (tenant_id, customer_id, level, screening)
SELECT p.tenant_id, p.id, 2, 'vouched' FROM identity.principals p WHERE p.kind = 'customer';
ALTER TABLE identity.principals FORCE ROW LEVEL SECURITY;
CALL kernel.protect('identity.standings', app => 'SELECT, INSERT, UPDATE (level, country, screening, changed_at)',
    engine => 'SELECT, INSERT, UPDATE (level, country, screening, changed_at)');

-- What a house lets each level do, where it differs from the defaults in the code; and what countries forbid. Dated, in business time.
CREATE TABLE identity.level_rights (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    product text NOT NULL,
    action text NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
    per_day kernel.amount CHECK (per_day > 0),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from)
);
COMMENT ON COLUMN identity.level_rights.per_day IS 'In the reporting currency; NULL: as much as they like.';
CREATE INDEX level_rights_of ON identity.level_rights (tenant_id, product, action);
CALL kernel.protect('identity.level_rights', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE (valid_until)');

CREATE TABLE identity.country_rules (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    country text NOT NULL CHECK (country = '*' OR country ~ '^[A-Z]{2}$'),
    product text NOT NULL,
    action text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('allow', 'review', 'deny')),
    note text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
    actor uuid NOT NULL,
    created_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from),
    state text NOT NULL CHECK (state IN ('proposed', 'standing', 'refused')),
    CHECK (state = 'standing' OR verdict = 'allow')
);
COMMENT ON COLUMN identity.country_rules.state IS 'What allows takes a second person, what forbids does not.';
CREATE INDEX country_rules_of ON identity.country_rules (tenant_id, product);
CALL kernel.protect('identity.country_rules', app => 'SELECT, INSERT', engine => 'SELECT, UPDATE (state)');
-- Nobody but the engine, which reads the second person's yes, makes a permission stand.
CREATE POLICY only_proposed ON identity.country_rules AS RESTRICTIVE FOR INSERT TO rivermouth_app
    WITH CHECK (verdict <> 'allow' OR state = 'proposed');

-- Imported lists of names. One version of each is current; the older ones stay, because results name them.
CREATE TABLE identity.screening_lists (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    version text NOT NULL CHECK (length(version) BETWEEN 1 AND 64),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    entries integer NOT NULL CHECK (entries > 0),
    current boolean NOT NULL,
    imported_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX screening_lists_current ON identity.screening_lists (tenant_id, name) WHERE current;
CALL kernel.protect('identity.screening_lists', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE (current)');

CREATE TABLE identity.screening_entries (
    tenant_id uuid NOT NULL,
    list_id uuid NOT NULL REFERENCES identity.screening_lists (id),
    ref text NOT NULL CHECK (length(ref) BETWEEN 1 AND 100),
    names text[] NOT NULL CHECK (cardinality(names) > 0),
    born smallint,
    note text NOT NULL,
    PRIMARY KEY (list_id, ref)
);
CALL kernel.protect('identity.screening_entries', app => 'SELECT', engine => 'SELECT, INSERT');

CREATE TABLE identity.screenings (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('clear', 'review', 'cleared', 'confirmed', 'superseded')),
    lists jsonb NOT NULL CHECK (jsonb_typeof(lists) = 'array'),
    hits jsonb NOT NULL CHECK (jsonb_typeof(hits) = 'array'),
    screened_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES identity.principals (tenant_id, id),
    FOREIGN KEY (tenant_id, decided_by) REFERENCES identity.principals (tenant_id, id),
    CHECK ((decided_by IS NULL) = (state NOT IN ('cleared', 'confirmed'))),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (reason IS NULL))
);
COMMENT ON COLUMN identity.screenings.lists IS 'Name and version of every list the name was compared with.';
CREATE INDEX screenings_of_customer ON identity.screenings (tenant_id, customer_id, id DESC);
CREATE UNIQUE INDEX screenings_one_open ON identity.screenings (tenant_id, customer_id) WHERE state = 'review';
CREATE INDEX screenings_list ON identity.screenings (tenant_id, id DESC);
CALL kernel.protect('identity.screenings', app => 'SELECT, INSERT, UPDATE (state, decided_by, decided_at, reason)',
    engine => 'SELECT, INSERT, UPDATE (state, decided_by, decided_at, reason)');

-- What a customer tells about themselves to rise to a level. Who they say they are is sealed; the country is needed by rules.
CREATE TABLE identity.kyc_cases (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 2),
    state text NOT NULL CHECK (state IN ('draft', 'submitted', 'in_review', 'more_information', 'approved', 'rejected')),
    version integer NOT NULL CHECK (version > 0),
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    sealed_applicant bytea NOT NULL,
    provider text,
    findings text[],
    created_at timestamptz NOT NULL,
    submitted_at timestamptz,
    decided_by uuid,
    decided_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES identity.principals (tenant_id, id),
    FOREIGN KEY (tenant_id, decided_by) REFERENCES identity.principals (tenant_id, id),
    CHECK (decided_by <> customer_id),
    CHECK (decided_by IS NOT NULL OR state NOT IN ('approved', 'rejected', 'more_information')),
    CHECK ((provider IS NULL) = (submitted_at IS NULL))
);
CREATE UNIQUE INDEX kyc_cases_one_open ON identity.kyc_cases (tenant_id, customer_id)
    WHERE state IN ('draft', 'submitted', 'in_review', 'more_information');
CREATE INDEX kyc_cases_of_customer ON identity.kyc_cases (tenant_id, customer_id, id DESC);
CREATE INDEX kyc_cases_list ON identity.kyc_cases (tenant_id, state, id);
CALL kernel.protect('identity.kyc_cases',
    app => 'SELECT, INSERT, UPDATE (state, version, country, sealed_applicant, provider, findings, submitted_at, decided_by, decided_at, reason)',
    engine => 'SELECT, UPDATE (state, version, sealed_applicant, provider, findings)');

-- What was sent, as we made it anew; the bytes stand apart, so that reading a list never reads a passport.
CREATE TABLE identity.kyc_documents (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES identity.kyc_cases (id),
    kind text NOT NULL CHECK (kind IN ('passport', 'identity_card', 'driving_licence', 'proof_of_address', 'selfie', 'other')),
    media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'application/pdf')),
    size integer NOT NULL CHECK (size > 0),
    pages integer NOT NULL CHECK (pages > 0),
    sent_sha256 bytea NOT NULL CHECK (octet_length(sent_sha256) = 32),
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN identity.kyc_documents.sent_sha256 IS 'Of the file as it came, which is not kept.';
CREATE INDEX kyc_documents_of_case ON identity.kyc_documents (tenant_id, case_id, id);
CALL kernel.protect('identity.kyc_documents', app => 'SELECT, INSERT', engine => 'SELECT');

CREATE TABLE identity.kyc_files (
    tenant_id uuid NOT NULL,
    document_id uuid PRIMARY KEY REFERENCES identity.kyc_documents (id),
    sealed bytea NOT NULL
);
ALTER TABLE identity.kyc_files ALTER COLUMN sealed SET STORAGE EXTERNAL; -- sealed bytes do not get smaller
CALL kernel.protect('identity.kyc_files', app => 'SELECT, INSERT', engine => 'SELECT, UPDATE (sealed)');

-- One look at one document by one person, within a minute of wall time.
CREATE TABLE identity.kyc_links (
    tenant_id uuid NOT NULL,
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    document_id uuid NOT NULL REFERENCES identity.kyc_documents (id),
    viewer uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX kyc_links_expiry ON identity.kyc_links (expires_at);
CALL kernel.protect('identity.kyc_links', app => 'SELECT, INSERT, DELETE', engine => 'SELECT, DELETE');
