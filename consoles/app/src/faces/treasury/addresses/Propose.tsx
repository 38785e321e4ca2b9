// An address is not typed: it is chosen among those that venues name for us, and the server asks for no other.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Facts } from "@/kit/values";
import { useLookAgain, useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { usePlaces, useRails, type Place, type Rail } from "../transfers/reads";
import "@/faces/funding/funding.css";

const keyOf = ({ location, asset, network }: Pick<Rail, "location" | "asset" | "network">): string => `${location} ${asset} ${network}`;

type Named = Rail & { address: string };

/** Named by a venue, and neither approved nor asked for. */
function missing(rails: readonly Rail[], places: readonly Place[]): Named[] {
  const there = new Set(places.filter((one) => one.state !== "removed").map(keyOf));
  return rails.filter((rail): rail is Named => rail.address !== null && !there.has(keyOf(rail)));
}

export function Propose(): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { data: places } = usePlaces();
  return (
    <Loaded query={useRails()} empty={<Empty title={t("form.no_rails")} />}>
      {(rails) => {
        const open = places === undefined ? [] : missing(rails, places);
        return open.length === 0 ? <Empty title={t("address.none_to_add")} /> : <Choose open={open} />;
      }}
    </Loaded>
  );
}

function Choose({ open }: { open: readonly Named[] }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  const [wanted, setWanted] = useState("");
  const [keyName, setKeyName] = useState("");
  const [asking, setAsking] = useState(false);
  const chosen = open.find((rail) => keyOf(rail) === wanted);
  return (
    <div className="stack">
      <div className="treasury-filters">
        <Select label={t("address.choose")} value={chosen === undefined ? "" : wanted} onChange={setWanted}
          choices={open.map((rail) => ({ id: keyOf(rail), text: `${placeName(rail.location)} · ${rail.asset} · ${network(rail.network)}` }))} />
        <TextField label={t("address.key_name")} value={keyName} onChange={setKeyName} maxLength={64} autoComplete="off" />
        <Button kind="primary" isDisabled={chosen === undefined} onPress={() => { setAsking(true); }}>{t("form.review")}</Button>
      </div>
      {chosen !== undefined && <Shown rail={chosen} />}
      {asking && chosen !== undefined && <Ask rail={chosen} keyName={keyName.trim()} onClose={() => { setAsking(false); }} />}
    </div>
  );
}

function Shown({ rail }: { rail: Named }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  return (
    <Facts rows={[
      [t("col.place"), placeName(rail.location)],
      [t("col.asset"), rail.asset],
      [t("col.network"), network(rail.network)],
      [t("col.address"), <Address key="address" of={rail.address} />],
      ...(rail.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={rail.memo} />] as const]),
    ]} />
  );
}

function Ask({ rail, keyName, onClose }: { rail: Named; keyName: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const act = async (): Promise<void> => {
    const { location, asset, network, address, memo } = rail;
    const body = { location, asset, network, address, memo, key_name: keyName === "" ? null : keyName };
    try {
      await once("treasury-address", body, (header) => ask(api.POST("/v1/treasury/addresses", { body, params: { header } })));
      tell(t("address.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("address.add")} isOpen onClose={onClose} act={act} verb={t("address.ask")}>
      <p>{t("address.will")}</p>
      <Shown rail={rail} />
    </Confirm>
  );
}
