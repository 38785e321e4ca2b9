// What the venue itself tells of us: each order it has and each call it got. Nobody on our side can colour it.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { read, usePrices, venuesOf, type SeenOrder } from "./sandbox";

const SHOWN = 25;
const TONES: Record<string, Tone> = { filled: "good", open: "info", partially_filled: "info", rejected: "bad" };

export function Seen(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { data: prices } = usePrices();
  const venues = venuesOf(prices);
  const [venue, setVenue] = useState("binance");
  const query = useQuery({
    queryKey: ["sandbox", "seen", venue], refetchInterval: 1_000,
    queryFn: async () => (await read<{ items: SeenOrder[] }>(`venues/${venue}/orders?limit=${SHOWN}`)).items,
  });
  const columns = useColumns();
  return (
    <div className="stack">
      <p className="dim">{t("seen.note")}</p>
      <dl className="sandbox-calls">{venues.map((id) => <Calls key={id} venue={id} />)}</dl>
      <div className="sandbox-form">
        <Select label={t("word.venue")} value={venue} onChange={setVenue} choices={(venues.length > 0 ? venues : [venue]).map((id) => ({ id, text: venueName(id) }))} />
      </div>
      <Loaded query={query} empty={<Empty title={t("seen.none", { venue: venueName(venue) })} />}>
        {(rows) => <Table name={t("seen.orders", { venue: venueName(venue) })} columns={columns} rows={rows} rowKey={(row) => row.venue_order_id} file={`seen-by-${venue}`} />}
      </Loaded>
    </div>
  );
}

function Calls({ venue }: { venue: string }): ReactNode {
  const { t } = useTranslation("sandbox");
  const { data } = useQuery({ queryKey: ["sandbox", "calls", venue], refetchInterval: 2_000, queryFn: () => read<{ calls: number }>(`venues/${venue}/calls`) });
  return (
    <div>
      <dt className="dim">{venueName(venue)}</dt>
      <dd className="number">{t("seen.calls", { n: data?.calls ?? "–" })}</dd>
    </div>
  );
}

function useColumns(): Column<SeenOrder>[] {
  const { t, i18n } = useTranslation("sandbox");
  const word = (group: string, id: string): string => (i18n.exists(`${group}.${id}`, { ns: "sandbox" }) ? t(`${group}.${id}`) : id);
  const amount = (key: "quantity" | "filled_quantity" | "limit_price" | "average_price"): Column<SeenOrder> =>
    ({ key, title: t(`seen.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  return [
    { key: "at", title: t("seen.at"), cell: (row) => <When at={row.created_at} clock />, csv: (row) => row.created_at },
    { key: "age", title: t("seen.age"), end: true, cell: (row) => <Age at={row.created_at} /> },
    { key: "symbol", title: t("word.market"), cell: (row) => row.symbol, csv: (row) => row.symbol },
    { key: "side", title: t("seen.side"), cell: (row) => word("side", row.side), csv: (row) => row.side },
    { key: "status", title: t("seen.status"), cell: (row) => <Pill tone={TONES[row.status] ?? "plain"}>{word("status", row.status)}</Pill>, csv: (row) => row.status },
    amount("quantity"), amount("filled_quantity"), amount("limit_price"), amount("average_price"),
    { key: "tif", title: t("seen.time_in_force"), cell: (row) => row.time_in_force ?? "–", csv: (row) => row.time_in_force },
    { key: "ours", title: t("seen.client_order_id"), cell: (row) => <code>{row.client_order_id}</code>, csv: (row) => row.client_order_id },
    { key: "theirs", title: t("seen.venue_order_id"), cell: (row) => <code>{row.venue_order_id}</code>, csv: (row) => row.venue_order_id },
  ];
}
