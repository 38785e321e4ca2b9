// Money in: the own address of a network, what may go wrong with it, and what has come.

import type { ReactNode } from "react";
import { Panel } from "@/kit/Panel";
import { Frame } from "../Frame";
import { NetworkChoice, useChosen } from "../NetworkChoice";
import type { Network } from "../wire";
import { useWords } from "../words";
import { AddressCard } from "./AddressCard";
import { DepositList } from "./DepositList";

export default function DepositRoom(): ReactNode {
  const { t } = useWords();
  return (
    <Frame title={t("deposit.title")} intro={t("deposit.intro")}>
      {(networks) => (
        <>
          <Panel title={t("deposit.where")}><Where networks={networks} /></Panel>
          <Panel title={t("deposit.list")}><DepositList networks={networks} /></Panel>
        </>
      )}
    </Frame>
  );
}

function Where({ networks }: { networks: Network[] }): ReactNode {
  const { t } = useWords();
  const chosen = useChosen(networks);
  const { asset, found } = chosen;
  return (
    <div className="stack">
      <NetworkChoice networks={networks} chosen={chosen} />
      {found === null && <p className="dim">{t(asset === "" ? "deposit.choose" : "deposit.choose_network", { asset })}</p>}
      {found !== null && !found.deposits && <p className="notice warn" role="status">{t("deposit.closed", { asset, network: found.title })}</p>}
      {found?.deposits === true && <AddressCard key={`${asset} ${found.network}`} of={found} />}
    </div>
  );
}
