// One liquidation: why it was decided and by which prices, what was sold where, and where every unit of the money went.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ExactPercent, Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Amount, Facts, Id, When } from "@/kit/values";
import { BookFrame } from "../BookFrame";
import { Deeds } from "./Deeds";
import { Evidence } from "./Evidence";
import { Money } from "./Money";
import { breakerOn, divisionOf, earnedBy, owedOf, PARTS } from "./model";
import { useBreakers, useLiquidation, type Story } from "./reads";
import { Fills, Sales, Targets } from "./tables";
import { LoanState, Missing, Pause, Sold, Status, Stopped } from "./words";

export default function SaleRoom(): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_sales"]);
  const { id = "" } = useParams();
  return (
    <BookFrame title={<>{t("room.liquidation")} <Id value={id} /></>} note={t("lending_sales:one.note")}>
      <p><Link to="/lending/liquidations">← {t("lending_sales:one.back")}</Link></p>
      <Loaded query={useLiquidation(id)} lines={12}>{(story) => <Whole story={story} />}</Loaded>
    </BookFrame>
  );
}

function Whole({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  return (
    <>
      <Now story={story} />
      <div className="grid">
        <Panel title={t("one.about")}><About story={story} /></Panel>
        <Panel title={t("deed.title")}><Deeds of={story} /></Panel>
      </div>
      <Panel title={t("money.title")}><Money story={story} /></Panel>
      <Panel title={t("target.title")}><Targets story={story} /></Panel>
      <Panel title={t("sale.title")}><Sales story={story} /></Panel>
      <Panel title={t("fill.title")}><Fills story={story} /></Panel>
      <Panel title={t("evidence.title")}><Evidence of={story} /></Panel>
    </>
  );
}

function Now({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const division = divisionOf(story);
  const owed = PARTS.filter((part) => (story.owed[part] ?? "0") !== "0");
  return (
    <Figures>
      <Figure name={t("col.status")} note={<><Pause of={story} /><LoanState of={story} /></>}><Status of={story} /></Figure>
      <Figure name={t("one.owed")} note={owed.map((part) => <div key={part}>{t(`part.${part}`)} <Amount value={story.owed[part]} asset={story.asset} /></div>)}>
        <Amount value={owedOf(story)} asset={story.asset} />
      </Figure>
      <Figure name={t("col.sold")}><Sold of={story} /></Figure>
      <Figure name={t("col.earned")} note={division === null ? <>{t("one.missing")} <Missing of={story} /></> : undefined}><Amount value={earnedBy(story.sales)} asset={story.asset} /></Figure>
      {division !== null && <Figure name={t("col.surplus")}><Amount value={division.surplus} asset={story.asset} /></Figure>}
      {division !== null && division.shortfall !== "0" && (
        <Figure name={t("col.lost")} note={<>{t("col.insured")} <Amount value={division.insured} asset={story.asset} /></>}><Amount value={division.lost} asset={story.asset} /></Figure>
      )}
    </Figures>
  );
}

function About({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const { data: breakers = [] } = useBreakers();
  return (
    <Facts rows={[
      [t("col.loan"), <Link key="loan" to={`/borrow/${story.loan_id}`}><code>{story.loan_id}</code></Link>],
      [t("col.cause"), t(`cause.${story.cause}`)],
      [t("one.mode"), t(`mode.${story.mode}`)],
      ...(story.wanted === null ? [] : [[t("one.wanted"), <Amount key="wanted" value={story.wanted} asset={story.asset} />] as const]),
      [t("one.budget"), <ExactPercent key="budget" share={story.budget} />],
      [t("col.breaker"), <Stopped key="breaker" by={breakerOn(story.targets.map(({ asset }) => asset), breakers)} />],
      [t("col.opened"), <When key="opened" at={story.opened_at} />],
      [t("one.settled"), <When key="settled" at={story.settled_at} />],
    ]} />
  );
}
