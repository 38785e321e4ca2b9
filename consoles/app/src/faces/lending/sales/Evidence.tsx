import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/kit/states";
import { Amount, Facts, When } from "@/kit/values";
import { seenOf } from "../prices/model";
import { Seen } from "../prices/Seen";
import type { Story } from "./reads";

/** What was known when it was decided: the line, the debt, and what each venue showed. */
export function Evidence({ of: { evidence, asset } }: { of: Story }): ReactNode {
  const { t } = useTranslation(["lending_sales", "lending_book"]);
  if (evidence === null) return <Empty title={t("evidence.none")} />;
  return (
    <div className="stack">
      <Facts rows={[
        [t("evidence.at"), <When key="at" at={evidence.at} />],
        [t("evidence.line"), evidence.line === null ? t("evidence.no_line") : t(`evidence.lines.${evidence.line}`)],
        [t("evidence.level"), `${t(`lending_book:level.${evidence.from_level}`)} → ${t(`lending_book:level.${evidence.to_level}`)}`],
        [t("evidence.debt"), <Amount key="debt" value={evidence.debt} asset={asset} />],
      ]} />
      <Seen rows={seenOf(evidence.prices)} quote={asset} name={t("evidence.prices")} />
    </div>
  );
}
