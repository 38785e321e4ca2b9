import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { ratio } from "@/money/decimal";
import type { SeenPrice } from "./model";

/** What the market showed, one row per asset; `quote` is what the prices are in. */
export function Seen({ rows, quote, name }: { rows: readonly SeenPrice[]; quote: string; name: string }): ReactNode {
  const { t } = useTranslation("lending_prices");
  return <Table name={name} rows={rows} rowKey={(row) => row.asset} columns={[
    { key: "asset", title: t("col.asset"), cell: (row) => <strong>{row.asset}</strong> },
    { key: "price", title: t("col.price"), end: true, cell: (row) => <Amount value={row.price} {...(row.price === null ? {} : { asset: quote })} /> },
    { key: "state", title: t("col.state"), cell: (row) => <PriceState of={row.state} /> },
    { key: "age", title: t("seen.age"), end: true, cell: (row) => (row.ageMs === null ? <span className="dim">–</span> : t("seen.seconds", { n: ratio(String(row.ageMs), "1000", 3) })) },
    { key: "venues", title: t("seen.venues"), wrap: true, cell: (row) => <Venues of={row} quote={quote} /> },
  ]} />;
}

export function PriceState({ of }: { of: string }): ReactNode {
  const { t } = useTranslation("lending_prices");
  if (of === "") return <span className="dim">–</span>;
  return <Pill tone={of === "NORMAL" ? "good" : of === "ENTERED" ? "info" : "warn"}>{t(`state.${of}`, { defaultValue: of })}</Pill>;
}

/** Each venue with its price; what was left out says so. */
export function Venues({ of, quote }: { of: Pick<SeenPrice, "venues">; quote: string }): ReactNode {
  const { t } = useTranslation("lending_prices");
  if (of.venues.length === 0) return <span className="dim">–</span>;
  return of.venues.map(({ venue, price, used }) => (
    <div key={venue} className={used ? "" : "dim"}>
      {venueName(venue)} {price === null ? t("seen.nothing") : <Amount value={price} asset={quote} />}{!used && price !== null && <> · {t("seen.left_out")}</>}
    </div>
  ));
}
