// Times in which the house bore a price: when, how much, how long.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatDuration } from "@/kit/age";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When } from "@/kit/values";
import { useSettings } from "@/settings/settings";
import { secondsSince } from "@/time/format";

type Gap = Schemas["GapOut"];

export function Gaps({ rows }: { rows: readonly Gap[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const { settings } = useSettings();
  const lasted = (gap: Gap): string =>
    gap.closed_at === null ? "–" : formatDuration(secondsSince(gap.opened_at, Date.parse(gap.closed_at)), settings.language);
  const columns: Column<Gap>[] = [
    { key: "state", title: t("word.state"), csv: (gap) => (gap.closed_at === null ? "open" : "closed"),
      cell: (gap) => <Pill tone={gap.closed_at === null ? "bad" : "plain"}>{t(gap.closed_at === null ? "exposure.gap_open" : "exposure.gap_closed")}</Pill> },
    { key: "asset", title: t("word.asset"), cell: (gap) => gap.asset, csv: (gap) => gap.asset },
    { key: "quantity", title: t("exposure.col.last"), end: true, cell: (gap) => <Amount value={gap.quantity} />, csv: (gap) => gap.quantity },
    { key: "worst", title: t("exposure.col.worst"), end: true, cell: (gap) => <Amount value={gap.worst} />, csv: (gap) => gap.worst },
    { key: "opened", title: t("word.since"), cell: (gap) => <When at={gap.opened_at} />, csv: (gap) => gap.opened_at },
    { key: "closed", title: t("exposure.col.closed"), cell: (gap) => <When at={gap.closed_at} />, csv: (gap) => gap.closed_at },
    { key: "lasted", title: t("exposure.col.lasted"), end: true, cell: lasted },
  ];
  return <Table name={t("exposure.gaps")} columns={columns} rows={rows} rowKey={(gap) => gap.id} file="hedge-gaps" />;
}
