// A price that a person sets: every venue, or one alone, shows it until it is given back.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { AmountField, Select } from "@/kit/fields";
import { Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Amount, Pill } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { canonical, isDecimal, sign } from "@/money/decimal";
import { post, usePrices, venuesOf, type Prices, type Shown } from "./sandbox";

type Row = Shown & { symbol: string; venue: string };

export function PriceTool(): ReactNode {
  const { t } = useTranslation("sandbox");
  const query = usePrices();
  return (
    <div className="stack">
      <p className="dim">{t("prices.note")}</p>
      <Loaded query={query} lines={6}>{(prices) => <Tool prices={prices} />}</Loaded>
    </div>
  );
}

function Tool({ prices }: { prices: Prices }): ReactNode {
  const { t } = useTranslation("sandbox");
  const symbols = Object.keys(prices);
  const [symbol, setSymbol] = useState(symbols[0] ?? "");
  const rows = Object.entries(prices[symbol] ?? {}).map(([venue, shown]) => ({ ...shown, venue, symbol }));
  return (
    <>
      <SetPrice prices={prices} symbol={symbol} onSymbol={setSymbol} />
      <Shows rows={rows} name={t("prices.shown", { symbol })} />
    </>
  );
}

function SetPrice({ prices, symbol, onSymbol }: { prices: Prices; symbol: string; onSymbol: (symbol: string) => void }): ReactNode {
  const { t } = useTranslation("sandbox");
  const { tell, refused } = useToasts();
  const client = useQueryClient();
  const [venue, setVenue] = useState("all");
  const [price, setPrice] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async (body: object, done: string): Promise<void> => {
    setBusy(true);
    try {
      await post("prices", { symbol, ...body });
      tell(done, "good");
    } catch (error) {
      refused(error);
    }
    await client.invalidateQueries({ queryKey: ["sandbox"] });
    setBusy(false);
  };
  const ready = isDecimal(price) && sign(canonical(price)) > 0;
  return (
    <div className="sandbox-form">
      <Select label={t("word.market")} value={symbol} onChange={onSymbol} choices={Object.keys(prices).map((id) => ({ id, text: id }))} />
      <Select label={t("word.venue")} value={venue} onChange={setVenue}
        choices={[{ id: "all", text: t("word.all_venues") }, ...venuesOf(prices).map((id) => ({ id, text: venueName(id) }))]} />
      <AmountField label={t("word.price")} value={price} onChange={setPrice} placeholder={Object.values(prices[symbol] ?? {})[0]?.mid ?? ""} />
      <Button kind="primary" busy={busy} isDisabled={!ready} onPress={() => void run({ price: canonical(price), venue }, t("prices.pinned"))}>{t("prices.pin")}</Button>
      <Button busy={busy} onPress={() => void run({ free: true }, t("prices.freed"))}>{t("prices.free")}</Button>
    </div>
  );
}

function Shows({ rows, name }: { rows: readonly Row[]; name: string }): ReactNode {
  const { t } = useTranslation("sandbox");
  const price = (key: "bid" | "ask" | "last"): Column<Row> =>
    ({ key, title: t(`prices.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const columns: Column<Row>[] = [
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    price("bid"), price("ask"), price("last"),
    { key: "mode", title: t("prices.mode"), csv: (row) => row.mode,
      cell: (row) => (row.silent ? <Pill tone="bad">{t("prices.silent")}</Pill>
        : <Pill tone={row.mode === "generator" ? "plain" : "info"}>{t(row.mode === "generator" ? "prices.moves" : "prices.held")}</Pill>) },
  ];
  return <Table name={name} columns={columns} rows={rows} rowKey={(row) => row.venue} />;
}
