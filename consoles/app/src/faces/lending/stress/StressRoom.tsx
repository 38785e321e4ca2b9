// What if prices fell and stayed there: who would be sold, what would be lost, and whether the market could take it.

import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Button } from "@/kit/Button";
import { AmountField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Failed, Loaded, Skeleton } from "@/kit/states";
import { canonical, isDecimal, isZero, ratio } from "@/money/decimal";
import { BookFrame } from "../BookFrame";
import { useBook, type Stress } from "../bookReads";
import { Outcome } from "./Outcome";

const STEPS = 10;
const PRESETS = ["-10", "-20", "-30", "-50"] as const;

export default function StressRoom(): ReactNode {
  const { t } = useTranslation("lending_book");
  const book = useBook();
  return (
    <BookFrame title={t("room.stress")} note={t("stress.note")}>
      <Loaded query={book} lines={6}>
        {({ collateral, loans }) => (
          loans === 0 ? <Empty title={t("book.none")} /> : <Scenario assets={[...new Set(collateral.map((row) => row.asset))]} />
        )}
      </Loaded>
    </BookFrame>
  );
}

/** Changes are whole percents while they are chosen, fractions when they are sent. */
function Scenario({ assets }: { assets: readonly string[] }): ReactNode {
  const { t } = useTranslation("lending_book");
  const [percents, setPercents] = useState<Record<string, string>>({});
  const [cost, setCost] = useState("");
  const of = (asset: string): string => percents[asset] ?? "-20";
  const stress = useMutation({
    mutationFn: (): Promise<Stress> => ask(api.POST("/v1/lending/stress", { body: {
      shocks: assets.map((asset) => ({ asset, change: ratio(of(asset), "100", 4) })), steps: STEPS,
      ...(cost.trim() === "" ? {} : { cost: ratio(canonical(cost), "100", 6) }),
    } })),
  });
  const valid = cost.trim() === "" || isDecimal(cost);
  const run = (event: SyntheticEvent): void => { event.preventDefault(); if (valid) stress.mutate(); };
  return (
    <>
      <Panel title={t("stress.shocks")}>
        <form className="loanbook-shocks" onSubmit={run}>
          <div className="row" role="group" aria-label={t("stress.presets")}>
            {PRESETS.map((percent) => (
              <Button key={percent} onPress={() => { setPercents(Object.fromEntries(assets.map((asset) => [asset, percent]))); }}>
                {t("stress.all", { percent: percent.replace("-", "−") })}
              </Button>
            ))}
          </div>
          {assets.map((asset) => (
            <Shock key={asset} asset={asset} percent={of(asset)} change={(percent) => { setPercents({ ...percents, [asset]: percent }); }} />
          ))}
          <AmountField label={t("stress.cost")} value={cost} onChange={setCost} />
          <div><Button kind="primary" type="submit" busy={stress.isPending} isDisabled={!valid}>{t("stress.run")}</Button></div>
        </form>
      </Panel>
      {stress.isPending && <Skeleton lines={8} />}
      {stress.isError && <Failed error={stress.error} retry={() => { stress.mutate(); }} />}
      {stress.data !== undefined && <Outcome stress={stress.data} />}
    </>
  );
}

function Shock({ asset, percent, change }: { asset: string; percent: string; change: (percent: string) => void }): ReactNode {
  const { t } = useTranslation("lending_book");
  const id = `shock-${asset}`;
  return (
    <div className="loanbook-shock">
      <label htmlFor={id}><strong>{asset}</strong></label>
      <input id={id} type="range" min="-95" max="50" step="1" value={percent} aria-valuetext={t("stress.percent", { percent })}
        onChange={(event) => { change(event.target.value); }} />
      <output htmlFor={id} className="number">{isZero(percent) ? "0" : percent.replace("-", "−")} %</output>
    </div>
  );
}
