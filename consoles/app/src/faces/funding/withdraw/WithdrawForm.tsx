// To whom and how much: checked while it is typed, against what is there, what may leave, and what the network takes.

import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useBalances } from "@/faces/retail/wallet/balances";
import { Button } from "@/kit/Button";
import { AmountField } from "@/kit/fields";
import { Facts } from "@/kit/values";
import { isZero, type Decimal } from "@/money/decimal";
import { amountOf, faultOf, mostOf, takenOf, unsettledOf, type Funds } from "../model";
import { NetworkChoice, useChosen } from "../NetworkChoice";
import { useCredited } from "../reads";
import type { Entry, Network } from "../wire";
import { useWords } from "../words";
import { BookChoice } from "./BookChoice";
import { Review } from "./Review";
import type { Sending } from "./useSending";

export function WithdrawForm({ networks, send }: { networks: Network[]; send: Sending["send"] }): ReactNode {
  const { t } = useWords();
  const chosen = useChosen(networks);
  const { asset, found } = chosen;
  return (
    <div className="stack">
      <NetworkChoice networks={networks} chosen={chosen} />
      {found === null && <p className="dim">{t(asset === "" ? "withdraw.choose" : "withdraw.choose_network", { asset })}</p>}
      {found !== null && !found.withdrawals && <p className="notice warn" role="status">{t("withdraw.closed", { asset, network: found.title })}</p>}
      {found?.withdrawals === true && <Amounts key={`${asset} ${found.network}`} of={found} send={send} />}
    </div>
  );
}

function Amounts({ of, send }: { of: Network; send: Sending["send"] }): ReactNode {
  const { t, amount } = useWords();
  const [typed, setTyped] = useState("");
  const [to, setTo] = useState<Entry | null>(null);
  const [asked, setAsked] = useState(false);
  const funds = useFunds(of.asset);
  const wanted = amountOf(typed);
  const most = mostOf(funds, of.withdrawal_fee);
  const fault = wanted === null ? null : faultOf(wanted, funds, of);
  const ready = wanted !== null && fault === null && to !== null;
  const submit = (event: SyntheticEvent): void => { event.preventDefault(); if (ready) setAsked(true); };
  return (
    <form className="stack" onSubmit={submit}>
      <BookChoice of={of} chosen={to} onChoose={setTo} />
      <div className="funding-amount">
        <AmountField label={t("withdraw.amount", { asset: of.asset })} value={typed} onChange={setTyped} isRequired
          error={fault === null ? undefined : t(`withdraw.fault.${fault.key}`, { of: amount(fault.of, of.asset) })} />
        <Button isDisabled={most === null || isZero(most)} onPress={() => { if (most !== null) setTyped(most); }}>{t("withdraw.all")}</Button>
      </div>
      <Sums of={of} wanted={wanted} funds={funds} />
      <div><Button kind="primary" type="submit" isDisabled={!ready}>{t("withdraw.review")}</Button></div>
      {asked && wanted !== null && to !== null && <Review of={of} amount={wanted} to={to} send={send} onClose={() => { setAsked(false); }} />}
    </form>
  );
}

function useFunds(asset: string): Funds {
  const { data: balances } = useBalances();
  const { data: credited } = useCredited(asset);
  return {
    available: balances === undefined ? null : (balances.find((one) => one.asset === asset)?.available ?? "0"),
    unsettled: credited === undefined ? null : unsettledOf(credited, asset),
  };
}

function Sums({ of, wanted, funds: { available, unsettled } }: { of: Network; wanted: Decimal | null; funds: Funds }): ReactNode {
  const { t, amount } = useWords();
  const { asset, withdrawal_fee: fee, minimum_withdrawal: minimum } = of;
  const sum = (value: Decimal | null): string => (value === null ? "…" : amount(value, asset));
  return (
    <Facts rows={[
      [t("withdraw.available"), <span key="available" className="number">{sum(available)}</span>],
      ...(unsettled === null || isZero(unsettled) ? [] : [[t("withdraw.unsettled"), <span key="unsettled" className="number">{t("withdraw.unsettled_of", { sum: sum(unsettled) })}</span>] as const]),
      [t("withdraw.minimum"), <span key="minimum" className="number">{sum(minimum)}</span>],
      [t("withdraw.fee"), <span key="fee" className="number">{sum(fee)}</span>],
      ...(wanted === null ? [] : [
        [t("review.arrives"), <strong key="arrives" className="number">{sum(wanted)}</strong>] as const,
        [t("review.taken"), <span key="taken" className="number">{sum(takenOf(wanted, fee))}</span>] as const,
      ]),
    ]} />
  );
}
