// One loan at an address of its own: where it stands and what that means, what can be done, and everything that happened to it.

import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Facts } from "@/kit/values";
import { useSession } from "@/session/session";
import { Schedule } from "../offer/Schedule";
import { useLoan, type Loan } from "../reads";
import { Standing } from "../Standing";
import { State } from "../State";
import { useWords } from "../words";
import { Actions } from "./Actions";
import { Health } from "./Health";
import { Options } from "./Options";
import { Statement } from "./Statement";
import { Timeline } from "./Timeline";
import { WhatIf } from "./WhatIf";
import "../borrow.css";

const RUNNING = new Set(["active", "matured_overdue"]);

export default function LoanRoom(): ReactNode {
  const { t } = useWords();
  const { may } = useSession();
  const { id = "" } = useParams();
  return (
    <div className="stack">
      {may("loans:write") && <p><Link to="/borrow">← {t("loan.back")}</Link></p>}
      <Loaded query={useLoan(id)} lines={12}>{(loan) => <Whole loan={loan} />}</Loaded>
    </div>
  );
}

function Whole({ loan }: { loan: Loan }): ReactNode {
  const { t } = useWords();
  const { may } = useSession();
  const running = RUNNING.has(loan.status);
  const mine = running && may("loans:write");
  return (
    <>
      <header className="borrow-title">
        <div className="row"><h1>{t("loan.title", { name: loan.product })}</h1><State loan={loan} /></div>
        <p>{meaning(loan, t)}</p>
      </header>
      <div className="borrow-split">
        <Panel title={t("loan.standing")}><div className="stack">{running && <Standing of={loan} />}{running && !loan.prices_trusted && <p className="notice warn">{t("loan.frozen")}</p>}<Owed loan={loan} /></div></Panel>
        <div className="stack">
          {mine && <Panel title={t("act.title")}><Actions loan={loan} /></Panel>}
          {mine && <Panel title={t("option.title")}><Options loan={loan} /></Panel>}
          <Panel title={t("statement.title")}><Statement loan={loan} /></Panel>
        </div>
      </div>
      {running && <Panel title={t("what_if.title")}><WhatIf loan={loan} /></Panel>}
      {running && <Panel title={t("health.title")}><Health loan={loan} /></Panel>}
      {loan.schedule.length > 0 && <Panel title={t("schedule.title", { asset: loan.asset })}><Schedule rows={loan.schedule} asset={loan.asset} /></Panel>}
      <Panel title={t("timeline.title")}><Timeline loan={loan} /></Panel>
    </>
  );
}

function meaning(loan: Loan, t: ReturnType<typeof useWords>["t"]): string {
  return loan.status === "active" ? t(`means.${loan.level}`) : t(`means.${loan.status}`);
}

function Owed({ loan }: { loan: Loan }): ReactNode {
  const { t, amount, about, percent } = useWords();
  const { debt_parts: debt, asset } = loan;
  return (
    <Facts rows={[
      [t("loan.debt"), <strong key="debt" className="number">{amount(debt.total, asset)}</strong>],
      [t("loan.parts"), t("loan.of_parts", { principal: amount(debt.principal, asset), interest: amount(debt.interest, asset), fees: amount(debt.fee, asset), penalty: amount(debt.penalty, asset) })],
      [t("loan.rate"), loan.next_rate === null ? percent(loan.rate) : t("loan.rate_then", { rate: percent(loan.rate), next: percent(loan.next_rate.rate), from: loan.next_rate.from })],
      [t("loan.collateral"), loan.collateral.map((piece) => <div key={piece.asset} className="number">{amount(piece.quantity, piece.asset)}{piece.value !== null && ` ≈ ${about(piece.value, asset)}`}</div>)],
      [t("loan.health"), loan.health === null ? "–" : t("loan.health_of", { health: loan.health })],
      [t("loan.due"), loan.next_due === null ? "–" : t(loan.next_due.overdue ? "loan.overdue_since" : "loan.due_on", { sum: amount(loan.next_due.amount, asset), on: loan.next_due.due_date })],
      [t("loan.matures"), loan.matures_on],
    ]} />
  );
}
