// The same loan at other prices, and after a movement of money, as the server reckons it: nothing is changed by asking.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { AmountField, Select } from "@/kit/fields";
import { Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { add, isZero, mul, ratio, type Decimal } from "@/money/decimal";
import { MOVES, movementOf, type Move } from "../model";
import { whatIf, type Changed, type Loan } from "../reads";
import { Standing } from "../Standing";
import { LEVEL_TONES, useWords } from "../words";

interface Wish {
  percent: string;
  move: Move;
  asset: string;
  typed: string;
}

export function WhatIf({ loan }: { loan: Loan }): ReactNode {
  const { t, about } = useWords();
  const [wish, setWish] = useState<Wish>({ percent: "0", move: "none", asset: loan.collateral[0]?.asset ?? "", typed: "" });
  const set = (part: Partial<Wish>): void => { setWish({ ...wish, ...part }); };
  const asked = useDeferredValue(wish);
  const prices = moved(loan, asked.percent);
  const movement = movementOf(asked.move, asked.asset, asked.typed);
  const query = useQuery({
    queryKey: ["what-if", loan.id, asked.percent, movement], enabled: prices !== null, placeholderData: keepPreviousData, staleTime: 10_000,
    queryFn: () => whatIf(loan.id, prices ?? {}, movement),
  });
  if (prices === null) return <p className="dim">{t("what_if.no_price")}</p>;
  const { percent } = wish;
  return (
    <div className="stack">
      <label className="borrow-slide">
        <span>{t("what_if.prices")}</span>
        <input type="range" min="-60" max="60" step="1" value={percent} aria-valuetext={t("what_if.percent", { percent })} onChange={(event) => { set({ percent: event.target.value }); }} />
        <output className="number">{percent.startsWith("-") ? percent.replace("-", "−") : isZero(percent) ? "0" : `+${percent}`} %</output>
      </label>
      <p className="dim number">{Object.entries(prices).map(([asset, price]) => `${asset} ${about(price, loan.asset)}`).join(" · ")}</p>
      <Movements loan={loan} wish={wish} set={set} />
      <Loaded query={query} lines={4}>{(found) => <Outcome loan={loan} found={found} />}</Loaded>
    </div>
  );
}

/** One movement at a time: its amount, and of which asset where there are several. */
function Movements({ loan, wish, set }: { loan: Loan; wish: Wish; set: (part: Partial<Wish>) => void }): ReactNode {
  const { t } = useWords();
  const assets = loan.collateral.map(({ asset }) => asset);
  const ofCollateral = wish.move === "top_up" || wish.move === "withdraw";
  return (
    <div className="borrow-moves">
      <Select label={t("what_if.move")} value={wish.move} onChange={(id) => { set({ move: MOVES.find((one) => one === id) ?? "none" }); }}
        choices={MOVES.map((id) => ({ id, text: t(id === "none" ? "what_if.none" : `act.${id}`) }))} />
      {ofCollateral && assets.length > 1 && <Select label={t("collateral.asset")} value={wish.asset} onChange={(asset) => { set({ asset }); }} choices={assets.map((id) => ({ id, text: id }))} />}
      {wish.move !== "none" && <AmountField label={t("what_if.amount", { asset: ofCollateral ? wish.asset : loan.asset })} value={wish.typed} onChange={(typed) => { set({ typed }); }} />}
    </div>
  );
}

function Outcome({ loan, found }: { loan: Loan; found: Changed }): ReactNode {
  const { t, amount } = useWords();
  const held = found.collateral.filter(({ quantity }) => !isZero(quantity));
  return (
    <div className="stack">
      {!found.allowed && <p className="notice bad" role="status">{t("what_if.refused")}</p>}
      {found.level !== null && <p className="row"><Pill tone={LEVEL_TONES[found.level] ?? "plain"}>{t(`level.${found.level}`)}</Pill>{t(`what_if.means.${found.level}`)}</p>}
      <p className="number">{t("what_if.then", { debt: amount(found.debt, loan.asset), collateral: held.map(({ asset, quantity }) => amount(quantity, asset)).join(" + ") || "–" })}</p>
      <Standing of={{ ...found, asset: loan.asset }} />
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
