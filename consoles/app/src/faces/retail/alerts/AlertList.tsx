import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Facts, Pill, When, type Tone } from "@/kit/values";

type Alert = Schemas["PriceAlertOut"];
const TONES: Record<Alert["status"], Tone> = { new: "info", armed: "good", waiting: "warn", done: "plain", cancelled: "plain" };
const STATES = ["new", "armed", "waiting", "done"] as const;
const EVERY_MS = 5000;

/** One's alerts; those that fired are found here too, so the list is read again by itself. */
export function AlertList(): ReactNode {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const [ended, setEnded] = useState<Alert | null>(null);
  const query = usePages<Alert>(
    ["price-alerts", "list"],
    (cursor) => ask(api.GET("/v1/price-alerts", { params: { query: { limit: 100, ...(cursor === null ? {} : { cursor }) } } })),
    EVERY_MS,
  );
  const end = async (): Promise<void> => {
    if (ended === null) return;
    try {
      await ask(api.DELETE("/v1/price-alerts/{id}", { params: { path: { id: ended.id } } }));
    } finally {
      await client.invalidateQueries({ queryKey: ["price-alerts"] });
    }
  };
  return (
    <div className="stack deeds-last">
      <Paged query={query} empty={<Empty title={t("retail_more:alert.none")} />}>
        {(rows) => <Table name={t("retail_more:alert.list")} rows={rows} rowKey={(a) => a.id} file="price-alerts" columns={columnsOf(words, setEnded)} />}
      </Paged>
      <Confirm title={t("retail_more:alert.delete")} isOpen={ended !== null} onClose={() => { setEnded(null); }} act={end} verb={t("retail_more:alert.delete")} danger>
        <p>{ended !== null && t("retail_more:alert.delete_ask", { symbol: ended.symbol, price: words.price(ended.price, ended.symbol) })}</p>
      </Confirm>
      <details className="retail-fold">
        <summary>{t("retail_more:alert.states")}</summary>
        <Facts rows={STATES.map((state) => [t(`retail_more:alert_status.${state}`), t(`retail_more:alert_means.${state}`)] as const)} />
      </details>
    </div>
  );
}

function columnsOf(words: Words, end: (alert: Alert) => void): Column<Alert>[] {
  const { t, price, percent } = words;
  return [
    { key: "symbol", title: t("retail_more:col.market"), cell: (a) => a.symbol, csv: (a) => a.symbol },
    { key: "price", title: t("retail_more:alert.when"), csv: (a) => `${a.direction} ${a.price}`, cell: (a) => (
      <><span aria-hidden="true">{a.direction === "above" ? "▲" : "▼"}</span> {t(`retail_more:alert.${a.direction}`)} {price(a.price, a.symbol)}</>
    ) },
    { key: "status", title: t("retail_more:col.status"), csv: (a) => a.status, cell: (a) => (
      <Pill tone={TONES[a.status]}>{t(`retail_more:alert_status.${a.status}`)}</Pill>
    ) },
    { key: "fired", title: t("retail_more:alert.fired"), end: true, cell: (a) => a.fired, csv: (a) => String(a.fired) },
    { key: "last", title: t("retail_more:alert.last"), csv: (a) => a.last_fired_at, cell: (a) => (
      <><When at={a.last_fired_at} />{a.last_fired_price !== null && <> · {price(a.last_fired_price, a.symbol)}</>}</>
    ) },
    { key: "repeat", title: t("retail_more:alert.repeats"), csv: (a) => String(a.repeat), cell: (a) => (
      !a.repeat ? t("retail_more:alert.once")
        : t(a.cooldown_s === 0 ? "retail_more:alert.again" : "retail_more:alert.again_after", { share: percent(a.hysteresis), minutes: Math.ceil(a.cooldown_s / 60) })
    ) },
    { key: "note", title: t("retail_more:alert.note_short"), wrap: true, cell: (a) => a.note ?? "", csv: (a) => a.note },
    { key: "deeds", title: t("retail_more:col.actions"), cell: (a) => (
      <Button kind="quiet" onPress={() => { end(a); }} aria-label={t("retail_more:alert.delete_one", { symbol: a.symbol, price: a.price })}>✕</Button>
    ) },
  ];
}
