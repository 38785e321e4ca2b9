// The same loan at other prices, as the server reckons it: nothing is changed by asking.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { add, isZero, mul, ratio, type Decimal } from "@/money/decimal";
import { whatIf, type Loan } from "../reads";
import { Standing } from "../Standing";
import { LEVEL_TONES, useWords } from "../words";

export function WhatIf({ loan }: { loan: Loan }): ReactNode {
  const { t, about } = useWords();
  const [percent, setPercent] = useState("0");
  const asked = useDeferredValue(percent);
  const prices = moved(loan, asked);
  const query = useQuery({
    queryKey: ["what-if", loan.id, asked], enabled: prices !== null, placeholderData: keepPreviousData, staleTime: 10_000,
    queryFn: () => whatIf(loan.id, prices ?? {}),
  });
  if (prices === null) return <p className="dim">{t("what_if.no_price")}</p>;
  return (
    <div className="stack">
      <label className="borrow-slide">
        <span>{t("what_if.prices")}</span>
        <input type="range" min="-60" max="60" step="1" value={percent} aria-valuetext={t("what_if.percent", { percent })} onChange={(event) => { setPercent(event.target.value); }} />
        <output className="number">{percent.startsWith("-") ? percent.replace("-", "−") : isZero(percent) ? "0" : `+${percent}`} %</output>
      </label>
      <p className="dim number">{Object.entries(prices).map(([asset, price]) => `${asset} ${about(price, loan.asset)}`).join(" · ")}</p>
      <Loaded query={query} lines={4}>
        {(found) => (
          <div className="stack">
            {found.level !== null && <p className="row"><Pill tone={LEVEL_TONES[found.level] ?? "plain"}>{t(`level.${found.level}`)}</Pill>{t(`what_if.means.${found.level}`)}</p>}
            <Standing of={{ ...found, asset: loan.asset }} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

/** All prices together, by whole percents; null where one is missing. */
function moved(loan: Loan, percent: string): Record<string, Decimal> | null {
  const held = loan.collateral.filter(({ quantity }) => !isZero(quantity));
  const factor = add("1", ratio(percent, "100", 2));
  const found = held.map(({ asset, price }) => [asset, price === null ? null : ratio(mul(price, factor), "1", 8)] as const);
  return found.every((each): each is readonly [string, Decimal] => each[1] !== null) ? Object.fromEntries(found) : null;
}
