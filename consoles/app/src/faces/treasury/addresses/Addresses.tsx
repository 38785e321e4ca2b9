// Where treasury may send to: addresses of ours that two people agreed to. One person removes one, at once.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { ShortAddress } from "@/faces/funding/Address";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { useAsked, useLookAgain, useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { usePlaces, type Place } from "../transfers/reads";
import { Propose } from "./Propose";

const TONES: Record<Place["state"], Tone> = { waiting: "warn", active: "good", removed: "plain" };

export default function Addresses(): ReactNode {
  const { t } = useTranslation("treasury");
  const { t: own } = useTranslation("treasury_moves");
  const { may } = useSession();
  const query = usePlaces();
  return (
    <Frame title={t("room.addresses")} note={own("address.intro")}>
      <Panel title={own("address.list")}>
        <Loaded query={query} empty={<Empty title={own("address.none")} />}>{(places) => <List places={places} />}</Loaded>
      </Panel>
      {may("treasury:write") && <Panel title={own("address.add")}><Propose /></Panel>}
    </Frame>
  );
}

function List({ places }: { places: readonly Place[] }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { may } = useSession();
  const network = useNetworkName();
  const waiting = useAsked("wallet.treasury_address");
  const [chosen, setChosen] = useState<Place | null>(null);
  const name = (one: Place): string => t("address.remove_of", { place: placeName(one.location), asset: one.asset, network: network(one.network) });
  const columns: Column<Place>[] = [
    { key: "place", title: t("col.place"), csv: (one) => one.location, cell: (one) => placeName(one.location) },
    { key: "asset", title: t("col.asset"), csv: (one) => one.asset, cell: (one) => one.asset },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "address", title: t("col.address"), csv: (one) => one.address, cell: (one) => <ShortAddress of={one.address} /> },
    { key: "memo", title: t("col.memo"), csv: (one) => one.memo, cell: (one) => (one.memo === null ? <span className="dim">–</span> : <code>{one.memo}</code>) },
    { key: "key_name", title: t("col.key_name"), csv: (one) => one.key_name, cell: (one) => one.key_name ?? <span className="dim">–</span> },
    { key: "state", title: t("col.state"), csv: (one) => one.state, cell: (one) => <Pill tone={TONES[one.state]}>{t(`address.state.${one.state}`)}</Pill> },
    { key: "at", title: t("col.at"), csv: (one) => one.created_at, cell: (one) => <When at={one.created_at} /> },
    { key: "decided", title: t("col.decided"), csv: (one) => one.decided_at, cell: (one) => <When at={one.decided_at} /> },
    { key: "act", title: t("col.act"), cell: (one) => (
      <span className="row">
        {waiting.has(one.id) && <Link to={`/approvals/${waiting.get(one.id)?.id ?? ""}`}>{t("address.look")}</Link>}
        {one.state !== "removed" && may("treasury:write") && <Button kind="danger" aria-label={name(one)} onPress={() => { setChosen(one); }}>{t("address.remove")}</Button>}
      </span>
    ) },
  ];
  return (
    <div className="deeds-last">
      <Table name={t("address.list")} rows={places} rowKey={(one) => one.id} columns={columns} file="treasury-addresses" />
      {chosen !== null && <Remove one={chosen} title={name(chosen)} onClose={() => { setChosen(null); }} />}
    </div>
  );
}

function Remove({ one, title, onClose }: { one: Place; title: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const act = async (): Promise<void> => {
    try {
      await once("treasury-address-remove", one.id, (header) => ask(api.DELETE("/v1/treasury/addresses/{id}", { params: { path: { id: one.id }, header } })));
      tell(t("address.removed"), "good");
    } finally {
      lookAgain();
    }
  };
  return <Confirm title={title} isOpen onClose={onClose} act={act} verb={t("address.remove")} danger><p>{t("address.remove_will")}</p></Confirm>;
}
