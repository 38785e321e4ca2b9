// One balance over time: what the place said, what our books said, and the lines as they are now.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CurveChart, type Mark } from "@/charts/CurveChart";
import { Dialog } from "@/kit/Dialog";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { placeName } from "../place";
import { SPANS, useHistory, type Balance, type Sample, type Span } from "../reads";

export function History({ row, onClose }: { row: Balance; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const [span, setSpan] = useState<Span>("day");
  const query = useHistory(row.location, row.asset, span);
  return (
    <Dialog title={t("history.of", { name: `${placeName(row.location)} ${row.asset}` })} isOpen onClose={onClose} wide>
      <Select label={t("history.span")} value={span} onChange={(id) => { setSpan(id as Span); }}
        choices={(Object.keys(SPANS) as Span[]).map((id) => ({ id, text: t(`history.spans.${id}`) }))} />
      <Loaded query={query} empty={<Empty title={t("history.none")} />}>{(samples) => <Plot row={row} samples={samples} />}</Loaded>
      <div className="row"><Button onPress={onClose}>{t("history.close")}</Button></div>
    </Dialog>
  );
}

function Plot({ row, samples }: { row: Balance; samples: readonly Sample[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const points = (pick: (sample: Sample) => string | null): { x: string; y: string }[] =>
    samples.flatMap((sample) => { const y = pick(sample); return y === null ? [] : [{ x: String(Date.parse(sample.at)), y }]; });
  const marks: Mark[] = [
    ...(row.warning === null ? [] : [{ name: t("line.warning"), tone: "warn" as const, value: row.warning }]),
    ...(row.critical === null ? [] : [{ name: t("line.critical"), tone: "bad" as const, value: row.critical }]),
  ];
  const table = (
    <Table name={t("history.samples")} rows={samples} rowKey={(sample) => sample.at} file="treasury-history" columns={[
      { key: "at", title: t("history.at"), cell: (sample) => <When at={sample.at} />, csv: (sample) => sample.at },
      { key: "usable", title: t("balances.col.usable"), end: true, cell: (sample) => <Amount value={sample.usable} />, csv: (sample) => sample.usable },
      { key: "reported", title: t("balances.col.reported"), end: true, cell: (sample) => <Amount value={sample.reported} />, csv: (sample) => sample.reported },
      { key: "ledger", title: t("balances.col.ledger"), end: true, cell: (sample) => <Amount value={sample.ledger} />, csv: (sample) => sample.ledger },
      { key: "level", title: t("word.state"), cell: (sample) => t(`balances.level.${sample.level}`), csv: (sample) => sample.level },
    ]} />
  );
  if (samples.length < 2) return table;
  return (
    <CurveChart label={t("history.of", { name: `${placeName(row.location)} ${row.asset}` })} marks={marks} table={table}
      ends={[<When key="from" at={samples[0]?.at} />, <When key="to" at={samples.at(-1)?.at} />]}
      curves={[
        { name: t("balances.col.usable"), tone: "accent", points: points((sample) => sample.usable) },
        { name: t("balances.col.ledger"), tone: "info", points: points((sample) => sample.ledger) },
      ]} />
  );
}
