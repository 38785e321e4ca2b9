// The last look: the whole address, the network, the amounts. What is on a chain nobody can call back.

import type { ReactNode } from "react";
import { Confirm } from "@/kit/Dialog";
import { Loaded } from "@/kit/states";
import { Facts } from "@/kit/values";
import type { Decimal } from "@/money/decimal";
import { Address } from "../Address";
import { takenOf } from "../model";
import { useThereBefore } from "../reads";
import type { Entry, Network } from "../wire";
import { useWords } from "../words";
import type { Sending } from "./useSending";

interface Props {
  of: Network;
  amount: Decimal;
  to: Entry;
  send: Sending["send"];
  onClose: () => void;
}

export function Review({ of, amount: wanted, to, send, onClose }: Props): ReactNode {
  const { t, amount } = useWords();
  const before = useThereBefore();
  const { asset, network, withdrawal_fee: fee } = of;
  const act = async (): Promise<void> => {
    if (before.data !== undefined) await send({ asset, network, amount: wanted, address_id: to.id }, to, before.data);
  };
  return (
    <Confirm title={t("review.title")} isOpen onClose={onClose} act={act} verb={t("review.yes", { sum: amount(wanted, asset) })} ready={before.data !== undefined}>
      <div className="funding-part" role="group" aria-label={t("col.to")}>
        <p><strong>{to.label}</strong></p>
        <Address of={to.address} />
      </div>
      {to.memo !== null && (
        <div className="funding-part" role="group" aria-label={t("book.memo")}>
          <p className="dim">{t("book.memo")}</p>
          <Address of={to.memo} />
        </div>
      )}
      <Facts rows={[
        [t("choice.network"), <strong key="network">{of.title}</strong>],
        [t("review.arrives"), <strong key="arrives" className="number">{amount(wanted, asset)}</strong>],
        [t("withdraw.fee"), <span key="fee" className="number">{amount(fee, asset)}</span>],
        [t("review.taken"), <span key="taken" className="number">{amount(takenOf(wanted, fee), asset)}</span>],
      ]} />
      <p>{t("review.compare")}</p>
      <p className="dim">{t("review.means")}</p>
      <Loaded query={before} lines={1}>{() => null}</Loaded>
    </Confirm>
  );
}
