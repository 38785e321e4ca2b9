// Asking for a cold spend. It goes into our own hot wallet and nowhere else.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { useNetworks } from "@/faces/funding/reads";
import type { Network } from "@/faces/funding/wire";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Amount, Facts } from "@/kit/values";
import { useLookAgain, useNetworkName } from "../money/reads";
import { amountOf } from "../transfers/model";
import type { Wish } from "./wire";

export function Form(): ReactNode {
  const { t } = useTranslation("treasury_cold");
  return <Loaded query={useNetworks()} empty={<Empty title={t("form.none")} />}>{(networks) => <Fields networks={networks} />}</Loaded>;
}

const each = (values: readonly string[]): string[] => [...new Set(values)];

function Fields({ networks }: { networks: readonly Network[] }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const name = useNetworkName();
  const [typed, setTyped] = useState({ network: networks[0]?.network ?? "", asset: networks[0]?.asset ?? "", amount: "", cap: "" });
  const [wish, setWish] = useState<Wish | null>(null);
  const set = (part: Partial<typeof typed>): void => { setTyped((before) => ({ ...before, ...part })); };
  const assets = networks.filter((one) => one.network === typed.network).map((one) => one.asset);
  const choose = (network: string): void => { set({ network, asset: networks.find((one) => one.network === network)?.asset ?? "" }); };
  const [amount, cap] = [amountOf(typed.amount), amountOf(typed.cap)];
  const look = (): void => { if (amount !== null && cap !== null) setWish({ network: typed.network, asset: typed.asset, amount, fee_cap: cap }); };
  return (
    <>
      <div className="treasury-filters">
        <Select label={t("form.network")} value={typed.network} choices={each(networks.map((one) => one.network)).map((id) => ({ id, text: name(id) }))} onChange={choose} />
        <Select label={t("form.asset")} value={typed.asset} choices={each(assets).map((id) => ({ id, text: id }))} onChange={(asset) => { set({ asset }); }} />
        <AmountField label={t("form.amount", { asset: typed.asset })} value={typed.amount} onChange={(text) => { set({ amount: text }); }} />
        <AmountField label={t("form.fee_cap")} value={typed.cap} onChange={(text) => { set({ cap: text }); }} />
        <Button kind="primary" isDisabled={amount === null || cap === null} onPress={look}>{t("form.review")}</Button>
      </div>
      {wish !== null && <Ask wish={wish} onClose={() => { setWish(null); }} />}
    </>
  );
}

function Ask({ wish, onClose }: { wish: Wish; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const name = useNetworkName();
  const navigate = useNavigate();
  const lookAgain = useLookAgain();
  const act = async (): Promise<void> => {
    try {
      const made = await once("cold-spend", wish, (header) => ask(api.POST("/v1/treasury/cold-spends", { body: wish, params: { header } })));
      void navigate(`/treasury/cold/${made.id}`);
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("form.title")} isOpen onClose={onClose} act={act} verb={t("form.ask")}>
      <p>{t("form.will")}</p>
      <Facts rows={[
        [t("col.amount"), <strong key="amount"><Amount value={wish.amount} asset={wish.asset} /></strong>],
        [t("col.network"), name(wish.network)],
        [t("col.to"), t("form.hot")],
        [t("col.fee_cap"), <Amount key="cap" value={wish.fee_cap} />],
      ]} />
    </Confirm>
  );
}
