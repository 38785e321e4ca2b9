// The address as it is scanned, copied and compared. Where the network needs a memo, that is as large as the address: without it the money finds nobody.

import { useMemo, type ReactNode } from "react";
import { Copy } from "@/faces/programs/Copy";
import { QrCode } from "@/kit/QrCode";
import { Loaded, Skeleton } from "@/kit/states";
import { isZero } from "@/money/decimal";
import { Address } from "../Address";
import { qrOf } from "../qr";
import { useDepositAddress } from "../reads";
import type { DepositAddress, Network } from "../wire";
import { useWords } from "../words";

export function AddressCard({ of }: { of: Network }): ReactNode {
  const { t } = useWords();
  return (
    <Loaded query={useDepositAddress(of)} lines={6}>
      {(found) => (found.address === null
        ? <div className="stack"><p role="status">{t("deposit.preparing")}</p><Skeleton lines={4} /></div>
        : <Ready found={found} address={found.address} of={of} />)}
    </Loaded>
  );
}

function Ready({ found, address, of }: { found: DepositAddress; address: string; of: Network }): ReactNode {
  const { t, amount } = useWords();
  const rows = useMemo(() => qrOf(address), [address]);
  const needsMemo = of.memo_required || found.memo !== null;
  return (
    <div className="funding-card">
      <QrCode rows={rows} label={t("deposit.qr", { asset: of.asset })} />
      <div className="stack">
        <div className="notice warn">
          <p><strong>{t("deposit.only", { asset: of.asset, network: of.title })}</strong></p>
          {needsMemo && <p><strong>{t("deposit.memo_needed")}</strong></p>}
          <ul className="funding-rules">
            {!isZero(found.minimum) && <li>{t("deposit.minimum", { sum: amount(found.minimum, of.asset) })}</li>}
            <li>{t("deposit.confirmations", { credit: found.confirmations, final: of.final_confirmations })}</li>
            <li>{t("deposit.ends")}</li>
          </ul>
        </div>
        <Part name={t("deposit.address", { asset: of.asset })} text={address} />
        {needsMemo && (found.memo === null ? <p className="notice bad" role="alert">{t("deposit.memo_missing")}</p> : <Part name={t("deposit.memo")} text={found.memo} />)}
      </div>
    </div>
  );
}

function Part({ name, text }: { name: string; text: string }): ReactNode {
  return (
    <div className="funding-part" role="group" aria-label={name}>
      <p className="dim">{name}</p>
      <div className="row"><Address of={text} /><Copy text={text} what={name} /></div>
    </div>
  );
}
