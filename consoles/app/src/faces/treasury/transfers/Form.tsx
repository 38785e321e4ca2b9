// The form for a transfer: only what venues offer can be chosen, and where it would go stands there before anybody is asked.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Amount, Facts } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useLookAgain, useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { amountOf, belowMinimum, choicesOf, EMPTY, leavesOf, placeOf, roadOf, roadsOf, settled, wishOf, type Draft, type Road } from "./model";
import { usePlaces, useRails, type Place, type Rail } from "./reads";
import "@/faces/funding/funding.css";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

export function Form(props: Props): ReactNode {
  const { t } = useTranslation("treasury_moves");
  return <Loaded query={useRails()} empty={<Empty title={t("form.no_rails")} />}>{(rails) => <Choose {...props} rails={rails} />}</Loaded>;
}

function Choose({ draft, onChange, rails }: Props & { rails: readonly Rail[] }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  const roads = roadsOf(rails);
  const choices = choicesOf(roads, draft);
  const set = (part: Partial<Draft>): void => { onChange(settled(roads, { ...draft, ...part })); };
  const named = (ids: readonly string[], name: (id: string) => string): { id: string; text: string }[] => ids.map((id) => ({ id, text: name(id) }));
  const road = roadOf(roads, draft);
  if (choices.assets.length === 0) return <Empty title={t("form.no_rails")} />;
  return (
    <div className="stack">
      {draft.proposal !== null && <p className="dim" role="status">{t("proposal.taken")}</p>}
      <div className="treasury-filters">
        <Select label={t("form.asset")} value={draft.asset} choices={named(choices.assets, (id) => id)} onChange={(asset) => { set({ asset }); }} />
        <Select label={t("form.from")} value={draft.from} isDisabled={draft.asset === ""} choices={named(choices.from, placeName)} onChange={(from) => { set({ from }); }} />
        <Select label={t("form.to")} value={draft.to} isDisabled={draft.from === ""} choices={named(choices.to, placeName)} onChange={(to) => { set({ to }); }} />
        <Select label={t("form.network")} value={draft.network} isDisabled={draft.to === ""} choices={named(choices.networks, network)} onChange={(id) => { set({ network: id }); }} />
      </div>
      {draft.asset !== "" && choices.from.length === 0 && <Empty title={t("form.no_road", { asset: draft.asset })} />}
      {road !== undefined && <Amounts draft={draft} onChange={onChange} road={road} />}
    </div>
  );
}

function Amounts({ draft, onChange, road }: Props & { road: Road }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { language } = useSettings().settings;
  const [asking, setAsking] = useState(false);
  const network = useNetworkName();
  const { data: places } = usePlaces();
  const place = placeOf(places ?? [], draft);
  const amount = amountOf(draft.amount);
  const short = amount !== null && belowMinimum(amount, road.sending);
  const minimum = `${formatExact(road.sending.minimum, language)} ${draft.asset}`;
  const below = short ? t("form.below", { from: placeName(draft.from), minimum }) : undefined;
  return (
    <>
      <div className="treasury-filters">
        <AmountField label={t("form.amount", { asset: draft.asset })} value={draft.amount} error={below} onChange={(typed) => { onChange({ ...draft, amount: typed }); }} />
        <Button kind="primary" isDisabled={amount === null || short || place === undefined} onPress={() => { setAsking(true); }}>{t("form.review")}</Button>
      </div>
      <p className="dim">{t("form.minimum", { minimum })}</p>
      {places !== undefined && place === undefined && (
        <p className="notice warn">
          {t("form.no_address", { to: placeName(draft.to), asset: draft.asset, network: network(draft.network) })} <Link to="/treasury/addresses">{t("form.to_addresses")}</Link>
        </p>
      )}
      {amount !== null && place !== undefined && <Sum draft={draft} amount={amount} road={road} place={place} />}
      {asking && amount !== null && place !== undefined && (
        <Ask draft={draft} amount={amount} road={road} place={place} onClose={() => { setAsking(false); }} onDone={() => { onChange(EMPTY); }} />
      )}
    </>
  );
}

interface Whole {
  draft: Draft;
  amount: string;
  road: Road;
  place: Place;
}

function Sum({ draft, amount, road, place }: Whole): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  return (
    <Facts rows={[
      [t("form.from"), placeName(draft.from)],
      [t("form.to"), placeName(draft.to)],
      [t("form.network"), network(draft.network)],
      [t("col.amount"), <strong key="amount"><Amount value={amount} asset={draft.asset} /></strong>],
      [t("form.fee"), <Amount key="fee" value={road.sending.fee} asset={draft.asset} />],
      [t("form.leaves"), <Amount key="leaves" value={leavesOf(amount, road.sending)} asset={draft.asset} />],
      [t("form.address"), <Address key="address" of={place.address} />],
      ...(place.memo === null ? [] : [[t("form.memo"), <Address key="memo" of={place.memo} />] as const]),
    ]} />
  );
}

function Ask({ onClose, onDone, ...whole }: Whole & { onClose: () => void; onDone: () => void }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const navigate = useNavigate();
  const lookAgain = useLookAgain();
  const act = async (): Promise<void> => {
    const body = wishOf(whole.draft, whole.amount);
    try {
      const made = await once("treasury-transfer", body, (header) => ask(api.POST("/v1/treasury/transfers", { body, params: { header } })));
      onDone();
      void navigate(`/treasury/transfers/${made.id}`);
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("form.title")} isOpen onClose={onClose} act={act} verb={t("form.ask")}>
      <p>{t("form.will")}</p>
      <Sum {...whole} />
    </Confirm>
  );
}
