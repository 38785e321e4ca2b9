// What, and on which network: kept in the page's address, so that it is the same after a reload and can be linked to.

import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { Select } from "@/kit/fields";
import { assetsOf } from "./model";
import type { Network } from "./wire";
import { useWords } from "./words";

export interface Chosen {
  asset: string;
  network: string;
  choose: (asset: string, network: string) => void;
}

/** What was chosen. One chooses the asset; where it has one network only, that is the one. */
export function useChosen(networks: readonly Network[]): Chosen & { found: Network | null } {
  const [params, setParams] = useSearchParams();
  const asset = params.get("asset") ?? "";
  const several = networks.filter((one) => one.asset === asset);
  const network = params.get("network") ?? (several.length === 1 ? several[0]?.network : undefined) ?? "";
  return {
    asset, network, found: several.find((one) => one.network === network) ?? null,
    choose: (toAsset, toNetwork) => { setParams({ asset: toAsset, ...(toNetwork === "" ? {} : { network: toNetwork }) }, { replace: true }); },
  };
}

interface Props {
  networks: readonly Network[];
  chosen: Chosen;
  isDisabled?: boolean;
}

export function NetworkChoice({ networks, chosen: { asset, network, choose }, isDisabled = false }: Props): ReactNode {
  const { t } = useWords();
  return (
    <div className="funding-choice">
      <Select label={t("choice.asset")} value={asset} isDisabled={isDisabled} onChange={(to) => { choose(to, ""); }} choices={assetsOf(networks).map((id) => ({ id, text: id }))} />
      <Select label={t("choice.network")} value={network} isDisabled={isDisabled || asset === ""} onChange={(to) => { choose(asset, to); }}
        choices={networks.filter((one) => one.asset === asset).map((one) => ({ id: one.network, text: one.title }))} />
    </div>
  );
}
