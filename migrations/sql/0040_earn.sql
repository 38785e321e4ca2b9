-- Fixed-income products: templates in versions, and what is sold of them on one day. A rate is a yearly fraction.
CREATE SCHEMA earn;
GRANT USAGE ON SCHEMA earn TO rivermouth_app, rivermouth_engine;

-- What another package sells by its own door: not listed in the shop and not to be ordered there.
ALTER TABLE payments.products ADD COLUMN sold_by text NOT NULL DEFAULT 'shop' CHECK (sold_by IN ('shop', 'earn'));

-- A version never changes once it is published. Days of sale from `effective_from` on follow the newest published version that has begun.
CREATE TABLE earn.templates (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    status text NOT NULL CHECK (status IN ('draft', 'published', 'retired')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    asset text NOT NULL,
    -- Everything the version promises, as its editor typed it; earn/templates/terms.py names each field.
    terms jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
    -- Of a draft: the day that was asked for, if any. Of a published version: the first day of sale it governs.
    effective_from date,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, id, version),
    CHECK (status = 'draft' OR published_at IS NULL OR effective_from IS NOT NULL)
);
CREATE UNIQUE INDEX templates_draft ON earn.templates (tenant_id, id) WHERE status = 'draft';
CALL kernel.protect('earn.templates', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- One day's sale of a template, with a full copy of its terms. Its quota is stock: units of `step` under its SKU.
CREATE TABLE earn.instances (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    template_id uuid NOT NULL,
    version integer NOT NULL,
    sale_date date NOT NULL,
    name text NOT NULL,
    asset text NOT NULL,
    terms jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
    sku text COLLATE "C" NOT NULL,
    quota kernel.amount NOT NULL CHECK (quota > 0),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    value_date date NOT NULL CHECK (value_date >= sale_date),
    maturity date NOT NULL CHECK (maturity > value_date),
    withdrawn_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, template_id, sale_date),
    CHECK (closes_at >= opens_at),
    FOREIGN KEY (tenant_id, template_id, version) REFERENCES earn.templates (tenant_id, id, version)
);
CREATE INDEX instances_by_closing ON earn.instances (tenant_id, closes_at, id);
CALL kernel.protect('earn.instances', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
