import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { useProposals, type Proposal } from "./reads";

/** What would bring every place back above its line, and why. */
export function Proposals({ take }: { take: ((proposal: Proposal) => void) | undefined }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { language } = useSettings().settings;
  const network = useNetworkName();
  const columns: Column<Proposal>[] = [
    { key: "from", title: t("col.from"), csv: (one) => one.from, cell: (one) => placeName(one.from) },
    { key: "to", title: t("col.to"), csv: (one) => one.to, cell: (one) => placeName(one.to) },
    { key: "amount", title: t("col.amount"), end: true, csv: (one) => `${one.amount} ${one.asset}`, cell: (one) => <Amount value={one.amount} asset={one.asset} /> },
    { key: "why", title: t("proposal.why"), wrap: true, cell: (one) => (
      t("proposal.below", { to: placeName(one.to), usable: formatExact(one.usable, language), line: formatExact(one.line, language) })
    ) },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "cost", title: t("proposal.cost"), end: true, csv: (one) => one.fee, cell: (one) => <Amount value={one.fee} asset={one.asset} /> },
    { key: "minutes", title: t("col.minutes"), end: true, csv: (one) => String(one.minutes), cell: (one) => t("col.minutes_n", { n: one.minutes }) },
    { key: "until", title: t("proposal.until"), csv: (one) => one.expires_at, cell: (one) => <When at={one.expires_at} clock /> },
    ...(take === undefined ? [] : [{ key: "act", title: t("col.act"), cell: (one: Proposal) => (
      <Button aria-label={t("proposal.take_of", { ...one, from: placeName(one.from), to: placeName(one.to) })} onPress={() => { take(one); }}>{t("proposal.take")}</Button>
    ) }]),
  ];
  return (
    <Loaded query={useProposals()} empty={<Empty title={t("proposal.none")} />}>
      {(rows) => (
        <div className="stack deeds-last">
          <p className="dim">{t("proposal.note")}</p>
          <Table name={t("proposal.title")} rows={rows} rowKey={(one) => one.id} columns={columns} file="treasury-proposals" />
        </div>
      )}
    </Loaded>
  );
}
