import type { ReactNode } from "react";
import { total } from "@/money/decimal";
import { earnedOf, nextOf, payoutsOf, rowSum, sumsOf } from "../model";
import { useRunning, type Subscription } from "../reads";
import { useWords } from "../words";

/** All that runs in one line of numbers; nothing where nothing runs. */
export function Summary(): ReactNode {
  const { data: running = [] } = useRunning();
  return running.length === 0 ? null : <Numbers running={running} />;
}

function Numbers({ running }: { running: readonly Subscription[] }): ReactNode {
  const { t, amount } = useWords();
  const sums = (pick: (one: Subscription) => string): ReactNode => (
    sumsOf(running.map((one) => ({ asset: one.asset, value: pick(one) }))).map(({ asset, value }) => <div key={asset}>{amount(value, asset)}</div>)
  );
  const next = payoutsOf(running).find(({ status }) => status === "pending");
  const due = payoutsOf(running).filter((one) => one.status === "pending" && one.due_date === next?.due_date);
  const sum = next === undefined ? null : sumsOf(due.map((one) => ({ asset: one.asset, value: rowSum(one) })));
  return (
    <dl className="earn-summary">
      <div><dt>{t("summary.earning")}</dt><dd className="number">{sums(({ principal }) => principal)}</dd></div>
      <div><dt>{t("summary.paid")}</dt><dd className="number">{sums(({ plan }) => earnedOf(plan, "paid"))}</dd></div>
      <div><dt>{t("summary.to_come")}</dt><dd className="number up">{sums(({ plan }) => earnedOf(plan, "pending"))}</dd></div>
      {next !== undefined && sum !== null && (
        <div><dt>{t("summary.next", { on: next.due_date })}</dt><dd className="number">{sum.map(({ asset, value }) => <div key={asset}>{amount(value, asset)}</div>)}</dd></div>
      )}
    </dl>
  );
}

/** What a subscription pays in all: interest, bonus and principal. */
export const wholeOf = (one: Subscription): string => total(one.plan.filter(({ status }) => status !== "void").map(rowSum));

/** The payment that comes next, in words. */
export function useNextPayout(): (one: Pick<Subscription, "plan" | "asset">) => string | null {
  const { t, amount } = useWords();
  return ({ plan, asset }) => {
    const next = nextOf(plan);
    return next === undefined ? null : t("mine.next_on", { sum: amount(rowSum(next), asset), on: next.due_date });
  };
}
