// What each venue charges us, and how far we are from its next tier.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Percent, Pill, When } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { mul } from "@/money/decimal";
import { useVenueFees } from "../reads";

type Row = Schemas["VenueFeesOut"];

export function Progress(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useVenueFees();
  return (
    <Loaded query={query} isEmpty={(page) => page.items.length === 0} empty={<Empty title={t("fees.none")} />}>
      {(page) => (
        <div className="stack">
          <p className="dim">{t("fees.note", { days: page.volume_days, currency: page.reporting_currency })}</p>
          <FeeTable rows={page.items} />
        </div>
      )}
    </Loaded>
  );
}

function FeeTable({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const rate = (key: string, pick: (row: Row) => string | null | undefined): Column<Row> =>
    ({ key, title: t(`fees.col.${key}`), end: true, csv: pick, cell: (row) => <Rate value={pick(row)} /> });
  const amount = (key: "volume" | "paid" | "missing" | "would_have_saved"): Column<Row> =>
    ({ key, title: t(`fees.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const columns: Column<Row>[] = [
    { key: "venue", title: t("word.venue"), cell: (row) => <strong>{venueName(row.venue)}</strong>, csv: (row) => row.venue },
    { key: "tier", title: t("fees.col.tier"), cell: (row) => (row.tier === null ? "–" : `VIP ${String(row.tier.tier)}`), csv: (row) => row.tier?.tier.toString() },
    { key: "progress", title: t("fees.col.progress"), cell: (row) => <ToNext row={row} />, csv: (row) => row.share },
    amount("missing"), amount("would_have_saved"), amount("volume"), amount("paid"),
    rate("charged_rate", (row) => row.charged_rate), rate("planned_with", (row) => row.planned_with),
    rate("taker", (row) => row.tier?.taker), rate("maker", (row) => row.tier?.maker),
    { key: "as_published", title: t("fees.col.as_published"), cell: (row) => <AsPublished value={row.as_published} />,
      csv: (row) => (row.as_published === null ? "" : String(row.as_published)) },
    { key: "reported", title: t("fees.col.reported"), cell: (row) => <When at={row.reported[0]?.reported_at} />, csv: (row) => row.reported[0]?.reported_at },
  ];
  return <Table name={t("fees.title")} columns={columns} rows={rows} rowKey={(row) => row.venue} file="venue-fees" />;
}

function Rate({ value }: { value: string | null | undefined }): ReactNode {
  return value === null || value === undefined ? <span className="dim">–</span> : <Percent share={value} places={4} />;
}

function ToNext({ row }: { row: Row }): ReactNode {
  const { t } = useTranslation("treasury");
  if (row.next_tier === null || row.share === null) return <span className="dim">{t("fees.top")}</span>;
  return (
    <span className="treasury-cell">
      <span><Percent share={row.share} /> → VIP {row.next_tier.tier}</span>
      <span className="treasury-bar" aria-hidden="true"><i style={{ width: `${mul(row.share, "100")}%` }} /></span>
    </span>
  );
}

function AsPublished({ value }: { value: boolean | null }): ReactNode {
  const { t } = useTranslation("treasury");
  if (value === null) return <span className="dim">{t("fees.not_reported")}</span>;
  return <Pill tone={value ? "good" : "warn"}>{t(value ? "fees.as_table" : "fees.other")}</Pill>;
}
